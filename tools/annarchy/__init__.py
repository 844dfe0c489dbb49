"""Whether a real ANNarchy loads what engram converts for it, and engram what ANNarchy saves; ``__main__`` says how."""
