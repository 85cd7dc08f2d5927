"""Who lives in the trial: virtual patients, their app use, their wristbands and their answers."""
