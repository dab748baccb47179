"""A server of speech without speech: it starts, answers /healthz and is told by its flags what to refuse."""

import argparse
import hashlib
import http.server
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--host", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--model")
parser.add_argument("--model-sha256")
parser.add_argument("--refuse")
args = parser.parse_args()
if args.refuse:
    sys.exit(args.refuse)
if args.model:
    with open(args.model, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != args.model_sha256:
            sys.exit("model has a wrong checksum")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = os.environ.get("FAKE_KNOB", "").encode()
        self.send_response(200 if self.path in ("/healthz", "/knob") else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


http.server.HTTPServer((args.host, args.port), Handler).serve_forever()
