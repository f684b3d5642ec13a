"""What lies on disk: raw files, the build's database and its SQL files, finished builds, the lease."""
