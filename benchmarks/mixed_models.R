# Median milliseconds of processor time of the primary model in lme4 and nlme, those installed.
# Rscript mixed_models.R long.csv turns: columns y, cluster and x0, x1, ..., no intercept.
arguments <- commandArgs(trailingOnly = TRUE)
long <- read.csv(arguments[1])
turns <- as.integer(arguments[2])
fixed <- paste(grep("^x", names(long), value = TRUE), collapse = " + ")

report <- function(name, fit) {
  fit()
  times <- replicate(turns, sum(system.time(fit())[c("user.self", "sys.self")]))
  cat(name, signif(1000 * median(times), 4), "\n")
}

if (requireNamespace("lme4", quietly = TRUE)) {
  model <- as.formula(paste("y ~ 0 +", fixed, "+ (1 | cluster)"))
  report("lme4", function() lme4::lmer(model, data = long, REML = FALSE))
}
if (requireNamespace("nlme", quietly = TRUE)) {
  model <- as.formula(paste("y ~ 0 +", fixed))
  report("nlme", function() {
    nlme::lme(model, random = ~ 1 | cluster, data = long, method = "ML")
  })
}
