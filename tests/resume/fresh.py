"""What a fresh process does: build with another seed, load, go on. Prints a digest for each file as JSON."""

import json
import sys

from tests.resume.networks import build, run


def main(steps, files):
    digests = {}
    for k, (path, name) in enumerate(files.items()):
        net = build(name, seed=1000 + k, threads=1 + k % 3)
        assert net.load(path).exact, path
        run(net, steps)
        digests[path] = net.digest()
    print(json.dumps(digests))


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
