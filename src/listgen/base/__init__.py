"""What every step stands on: errors, texts, configuration, SQL files, the warehouse and provenance."""
