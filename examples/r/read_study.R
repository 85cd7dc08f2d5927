# Reads the tables of a study and says how its analyses perform.
#
#   Rscript read_study.R results/selfback_2021
#
# Every table of a study is a Parquet file. The packages arrow and nanoparquet read these; the script
# takes whichever is installed. Without them it reads CSV, which to_csv.py makes of a study:
#
#   python to_csv.py results/selfback_2021 csv
#   Rscript read_study.R csv

folder <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(folder)) stop("give the folder of a study: Rscript read_study.R results/selfback_2021")

# A table of the study as a data frame, with texts as characters.
read_table <- function(folder, name) {
  parquet <- file.path(folder, paste0(name, ".parquet"))
  csv <- file.path(folder, paste0(name, ".csv"))
  table <- if (file.exists(csv)) {
    read.csv(csv, na.strings = "", encoding = "UTF-8", check.names = FALSE)
  } else if (!file.exists(parquet)) {
    stop(folder, " has neither ", name, ".parquet nor ", name, ".csv")
  } else if (requireNamespace("arrow", quietly = TRUE)) {
    as.data.frame(arrow::read_parquet(parquet))
  } else if (requireNamespace("nanoparquet", quietly = TRUE)) {
    as.data.frame(nanoparquet::read_parquet(parquet))
  } else {
    stop("to read Parquet needs arrow or nanoparquet: install one, or make CSV with to_csv.py")
  }
  texts <- vapply(table, is.factor, logical(1))
  table[texts] <- lapply(table[texts], as.character)
  table
}

# A row an estimate: which replicate (a simulated trial), which analysis, outcome, visit and contrast.
# codebook.md in the folder of the study has every column.
estimates <- read_table(folder, "estimates")

# Where a fit failed, its estimate is missing: that is no rejection, so the trial still counts.
summarize <- function(rows) {
  rejected <- !is.na(rows$p) & rows$p < 0.05
  power <- mean(rejected)
  data.frame(
    rows[1, c("analysis", "outcome", "visit", "contrast")],
    trials = nrow(rows),
    estimate = mean(rows$estimate, na.rm = TRUE),
    empirical_se = sd(rows$estimate, na.rm = TRUE),
    rejected = power,
    # The Monte Carlo standard error: how far the number of trials lets it be known.
    mcse = sqrt(power * (1 - power) / nrow(rows))
  )
}
key <- c("analysis", "outcome", "visit", "contrast")
groups <- split(estimates, lapply(estimates[key], function(x) factor(x, unique(x))), drop = TRUE)
result <- do.call(rbind, lapply(groups, summarize))
rownames(result) <- NULL

options(width = 120)
print(result, digits = 3)
# With a file as second argument the numbers are written there, in full.
file <- commandArgs(trailingOnly = TRUE)[2]
if (!is.na(file)) write.csv(format(result, digits = 17), file, row.names = FALSE)
