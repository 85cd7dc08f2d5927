"""The part of an R script that fits the model and compares the arms."""

from analysis.data.trial_data import BASELINE
from sim.export.scripts.layout import Layout
from sim.export.scripts.r_text import text

_LONG = """\
long <- merge(answers[!is.na(answers$score) & answers$visit %in% visits, ], people,
              by = "participant")
long <- long[complete.cases(long[covariates]), ]
long$visit <- factor(long$visit, levels = visits)
long <- droplevels(long[order(long$participant, long$visit), ])
long$when <- as.integer(long$visit)
at <- setdiff(levels(long$visit), {baseline})  # visits at which arms are compared
effects <- expand.grid(arm = seq_along(arms)[-1], visit = at, stringsAsFactors = FALSE)
effects$column <- paste0("arm", effects$arm, "_visit", match(effects$visit, visits))
for (row in seq_len(nrow(effects))) {{
  long[[effects$column[row]]] <- as.numeric(
    long$arm == arms[effects$arm[row]] & long$visit == effects$visit[row]
  )
}}
"""
_AT_VISIT = """\
last <- answers[answers$visit == {visit}, ]
people$score <- last$score[match(people$participant, last$participant)]
people$change <- people$score - people$start
seen <- droplevels(people[complete.cases(people[c("score", "start", covariates)]), ])
"""
_COMPARE = """\
compare <- function(beta, covariance, df) {
  rows <- lapply(at, function(visit) lapply(names(contrasts), function(name) {
    weights <- setNames(numeric(length(beta)), names(beta))
    weights[effects$column[effects$visit == visit]] <- contrasts[[name]][-1]
    estimate <- sum(weights * beta)
    se <- sqrt(drop(t(weights) %*% covariance %*% weights))
    freedom <- df(weights)
    reach <- qt(0.5 + confidence / 2, freedom) * se
    data.frame(visit = visit, contrast = name, estimate = estimate, se = se, df = freedom,
               lower = estimate - reach, upper = estimate + reach,
               p = 2 * pt(-abs(estimate / se), freedom))
  }))
  do.call(rbind, unlist(rows, recursive = FALSE))
}
normal <- function(weights) Inf  # of the normal distribution
"""
_MEANS = """\
means <- if (nlevels(long$visit) > 1) c("0", "visit") else "1"
by_visit <- function(names) {
  if (length(names) && nlevels(long$visit) > 1) paste0("visit:", names) else names
}
"""
_SATTERTHWAITE = """\
# Satterthwaite's degrees of freedom, 2 v^2 / var(v) of a contrast's variance v. nlme has none, so
# slopes of v and the curvature of the REML deviance are central differences in the variances.
satterthwaite <- function(fixed, sigma) {
  X <- model.matrix(fixed, long)
  patterns <- split(seq_len(nrow(long)), ave(long$when, long$participant, FUN = function(when) {
    sum(2^when)
  }))
  at_variances <- function(sigma) {
    information <- 0
    score <- 0
    rest <- 0
    logs <- 0
    for (rows in patterns) {
      seen <- sort(unique(long$when[rows]))
      half <- chol(sigma[seen, seen, drop = FALSE])
      all <- cbind(X[rows, , drop = FALSE], long$score[rows])
      white <- backsolve(half, matrix(all, nrow = length(seen)), transpose = TRUE)
      white <- matrix(white, ncol = ncol(all))
      own <- crossprod(white)
      last <- ncol(own)
      information <- information + own[-last, -last]
      score <- score + own[-last, last]
      rest <- rest + own[last, last]
      logs <- logs + 2 * sum(log(diag(half))) * length(rows) / length(seen)
    }
    inverse <- solve(information)
    list(covariance = inverse, deviance = logs + rest - sum(score * (inverse %*% score)) +
           as.numeric(determinant(information)$modulus))
  }
  entries <- variances(sigma)
  count <- length(entries)
  size <- vapply(entries, function(entry) {
    pair <- range(which(entry != 0, arr.ind = TRUE))
    sqrt(sigma[pair[1], pair[1]] * sigma[pair[2], pair[2]])
  }, 0)
  differences <- function(step) {
    moved <- function(i, a, j = i, b = 0) {
      at_variances(sigma + a * step[i] * entries[[i]] + b * step[j] * entries[[j]])
    }
    up <- lapply(seq_len(count), moved, 1)
    down <- lapply(seq_len(count), moved, -1)
    middle <- at_variances(sigma)$deviance
    curvature <- matrix(0, count, count)
    for (i in seq_len(count)) {
      curvature[i, i] <- (up[[i]]$deviance - 2 * middle + down[[i]]$deviance) / step[i]^2
      for (j in seq_len(i - 1)) {
        both <- function(a, b) moved(i, a, j, b)$deviance
        curvature[i, j] <- curvature[j, i] <-
          (both(1, 1) - both(1, -1) - both(-1, 1) + both(-1, -1)) / (4 * step[i] * step[j])
      }
    }
    slopes <- Map(function(u, d, h) (u$covariance - d$covariance) / (2 * h), up, down, step)
    list(slopes = slopes, curvature = curvature)
  }
  # Two step sizes, so that what they leave out cancels (Richardson's extrapolation).
  near <- differences(1e-3 * size)
  far <- differences(2e-3 * size)
  spread <- 2 * solve((4 * near$curvature - far$curvature) / 3)
  slopes <- Map(function(n, f) (4 * n - f) / 3, near$slopes, far$slopes)
  middle <- at_variances(sigma)$covariance
  function(weights) {
    slope <- vapply(slopes, function(each) drop(t(weights) %*% each %*% weights), 0)
    2 * drop(t(weights) %*% middle %*% weights)^2 / drop(t(slope) %*% spread %*% slope)
  }
}
"""
_ENTRIES = """\
variances <- function(sigma) {{
  size <- nrow(sigma)
{entries}
}}
"""
_UNSTRUCTURED = """\
  pairs <- which(lower.tri(sigma, diag = TRUE), arr.ind = TRUE)
  lapply(seq_len(nrow(pairs)), function(row) {
    entry <- matrix(0, size, size)
    entry[pairs[row, 1], pairs[row, 2]] <- entry[pairs[row, 2], pairs[row, 1]] <- 1
    entry
  })"""
_EXCHANGEABLE = "  list(matrix(1, size, size), diag(size))"
_RANDOM_INTERCEPT = """\
library(nlme)
fit <- lme(fixed, random = ~ 1 | participant, data = long, method = "{method}",
           control = lmeControl(maxIter = 500, msMaxIter = 500, tolerance = 1e-12, msTol = 1e-14))
beta <- fixef(fit)
covariance <- fit$varFix  # that of the {method} fit; summary() has ML's times N / (N - p)
"""
_SIGMA_INTERCEPT = """\
size <- nlevels(long$visit)
sigma <- getVarCov(fit)[1, 1] + diag(fit$sigma^2, size)
df <- satterthwaite(fixed, sigma)
"""
_REPEATED = """\
library(nlme)
several <- nlevels(long$visit) > 1
fit <- gls(
  fixed, data = long, method = "REML",
  correlation = if (several) corSymm(form = ~ when | participant),
  weights = if (several) varIdent(form = ~ 1 | visit),
  control = glsControl(opt = "optim", msMaxIter = 1000, msTol = 1e-15)
)
beta <- coef(fit)
covariance <- fit$varBeta
"""
_SIGMA_VISITS = """\
size <- nlevels(long$visit)
ratio <- if (several) coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE) else 1
sd <- fit$sigma * if (several) ratio[levels(long$visit)] else 1
correlation <- diag(size)
if (several) {
  values <- coef(fit$modelStruct$corStruct, unconstrained = FALSE)
  correlation[lower.tri(correlation)] <- values
  correlation <- correlation + t(correlation) - diag(size)
}
sigma <- outer(sd, sd) * correlation
df <- satterthwaite(fixed, sigma)
"""
_MARGINAL = """\
library(geepack)
fit <- geeglm(fixed, family = {family}, data = long, id = as.integer(factor(long$participant)),
              corstr = "exchangeable", control = geese.control(epsilon = 1e-12, maxit = 200))
beta <- coef(fit)
covariance <- vcov(fit)  # robust (sandwich), without a correction for small samples
"""
_RISKS = """\
# Everybody seen at a visit is put in each arm; the covariates of those seen count as given.
X <- model.matrix(fixed, long)
rows <- lapply(at, function(visit) lapply(names(contrasts), function(name) {
  risk <- 0
  slope <- 0
  for (arm in seq_along(arms)) {
    Z <- X[long$visit == visit, , drop = FALSE]
    Z[, effects$column] <- 0
    if (arm > 1) Z[, effects$column[effects$visit == visit & effects$arm == arm]] <- 1
    fitted <- plogis(drop(Z %*% beta))
    risk <- risk + contrasts[[name]][arm] * mean(fitted)
    slope <- slope + contrasts[[name]][arm] * colMeans(fitted * (1 - fitted) * Z)
  }
  se <- sqrt(drop(t(slope) %*% covariance %*% slope))
  reach <- qnorm(0.5 + confidence / 2) * se
  data.frame(visit = visit, contrast = name, estimate = risk, se = se, df = Inf,
             lower = risk - reach, upper = risk + reach, p = 2 * pnorm(-abs(risk / se)))
}))
result <- do.call(rbind, unlist(rows, recursive = FALSE))
"""
_NEGATIVE_BINOMIAL = """\
fit <- MASS::glm.nb(fixed, data = long, control = glm.control(epsilon = 1e-12, maxit = 200))
beta <- coef(fit)
# summary() has errors from the expected information, for a known dispersion; these are from the
# observed information of coefficients and dispersion together, by central differences.
X <- model.matrix(fixed, long)
minus <- function(all) {
  mean <- exp(drop(X %*% all[-length(all)]))
  -sum(dnbinom(long$score, size = exp(all[length(all)]), mu = mean, log = TRUE))
}
top <- c(beta, log(fit$theta))
size <- c(sqrt(diag(vcov(fit))), 1)
at_step <- function(step) {
  optimHess(top, minus, control = list(parscale = size, ndeps = step + 0 * top))
}
curvature <- (4 * at_step(1e-3) - at_step(2e-3)) / 3  # Richardson's extrapolation
covariance <- solve(curvature)[seq_along(beta), seq_along(beta)]
"""


def model(layout: Layout) -> str:
    """Return the lines that fit the model and leave ``result``, a row a visit and contrast.

    Parameters
    ----------
    layout
        Of an analysis that has a model.
    """
    match layout.model:
        case "random intercept" | "repeated measures":
            return _mixed(layout)
        case "baseline adjusted" | "change":
            return _at_one_visit(layout)
        case "marginal" | "risk difference":
            return _marginal(layout)
    fixed = _fixed(layout, layout.plan.primary_visit)
    return f"{fixed}\n{_NEGATIVE_BINOMIAL}result <- compare(beta, covariance, normal)\n"


def _mixed(layout: Layout) -> str:
    method = "REML" if layout.restricted else "ML"
    repeated = layout.model == "repeated measures"
    fit = _REPEATED if repeated else _RANDOM_INTERCEPT.format(method=method)
    parts = [_fixed(layout), fit]
    if layout.degrees_of_freedom:
        entries = _UNSTRUCTURED if repeated else _EXCHANGEABLE
        parts += [
            _ENTRIES.format(entries=entries),
            _SATTERTHWAITE,
            _SIGMA_VISITS if repeated else _SIGMA_INTERCEPT,
        ]
    parts.append(f"result <- compare(beta, covariance, "
                 f"{'df' if layout.degrees_of_freedom else 'normal'})\n")  # fmt: skip
    return "\n".join(parts)


def _marginal(layout: Layout) -> str:
    counts = layout.outcome.kind == "count"
    fit = _MARGINAL.format(family='poisson("log")' if counts else 'binomial("logit")')
    last = _RISKS if layout.model == "risk difference" else (
        "result <- compare(beta, covariance, normal)\n"
    )  # fmt: skip
    return f"{_fixed(layout)}\n{fit}\n{last}"


def _fixed(layout: Layout, visit: str = "") -> str:
    """Return the lines that lay out the rows of a model, and its formula."""
    terms = ["by_visit(covariates)" if layout.by_visit else "covariates"]
    if layout.model == "repeated measures" and not layout.baseline:
        terms.append('by_visit("start")')
    every = ", ".join(("means", "effects$column", *terms))
    lines = [f"visits <- {text(visit)}"] if visit else []
    if layout.model == "repeated measures" and not layout.baseline:
        lines.append("answers <- answers[answers$participant %in% "
                     "people$participant[!is.na(people$start)], ]")  # fmt: skip
    baseline = text(BASELINE) if layout.baseline else "character(0)"
    lines += [
        _LONG.format(baseline=baseline) + _COMPARE + _MEANS,
        f'fixed <- reformulate(c({every}), "score")',
        "environment(fixed) <- globalenv()",
    ]
    return "\n".join(lines)


def _at_one_visit(layout: Layout) -> str:
    left = "score" if layout.model == "baseline adjusted" else "change"
    right = 'c("arm", "start", covariates)' if left == "score" else '"arm"'
    visit = text(layout.plan.primary_visit)
    return (
        _AT_VISIT.format(visit=visit)
        + f"at <- {visit}\n"
        + "effects <- data.frame(arm = seq_along(arms)[-1], visit = at, "
        'column = paste0("arm", arms[-1]))\n'
        + _COMPARE
        + f'fit <- lm(reformulate({right}, "{left}"), data = seen)\n'
        + "result <- compare(coef(fit), vcov(fit), function(weights) df.residual(fit))\n"
    )
