"""Small deterministic networks, written once and run in ANNarchy (recorded) and in engram (compared)."""
