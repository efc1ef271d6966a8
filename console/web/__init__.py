"""What every page stands on: who asks, the gateway behind it, its frame, and what keeps it safe."""
