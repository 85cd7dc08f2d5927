"""What the app, its recommender and the wristband are like."""
