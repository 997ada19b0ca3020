"""A child that sends back what it is sent, and whether it may write to it; for what crosses between processes."""

from geo_engine.children import parent_pipes


def main() -> None:
    """Answer once."""
    requests, answers = parent_pipes()
    request = requests.recv()
    answers.send((request["array"].sum(), request["array"].flags.writeable, request["word"]))


if __name__ == "__main__":
    main()
