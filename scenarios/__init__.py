"""What is to be simulated: typed, validated scenarios without behaviour."""
