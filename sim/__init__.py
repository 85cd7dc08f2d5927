"""The trial as discrete events, and studies made of many trials."""
