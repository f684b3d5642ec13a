"""A mail server on loopback that keeps what it is given and refuses whom it is told to refuse."""

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy


class Session(socketserver.StreamRequestHandler):
    """One connection, as RFC 5321 wants it."""

    def handle(self):
        if self.server.mood == "refusing":
            self.say("554 no service here")
            return
        if self.server.mood == "hanging":
            self.rfile.readline()  # says nothing until the client goes
            return
        self.say("220 ready")
        for line in iter(self.rfile.readline, b""):
            verb, rest = line[:4].upper(), line[4:].decode().strip()
            if verb == b"RCPT" and rest.removeprefix("TO:").strip("<>") in self.server.refused:
                self.say("550 no such mailbox")
            elif verb == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                body = b"".join(one.removeprefix(b".") for one in lines)
                self.server.mails.append(message_from_bytes(body, policy=policy.default))
                self.say("250 kept")
            else:
                self.say("221 bye" if verb == b"QUIT" else "250 fine")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


@contextmanager
def taking_mail(refused=(), mood="taking"):
    """Serve mail from a thread; yield the server, with `mails`, `address` and its `mood`."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.mails, server.refused, server.address = (
            [],
            set(refused),
            f"smtp://127.0.0.1:{server.server_address[1]}",
        )
        server.mood = mood
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
