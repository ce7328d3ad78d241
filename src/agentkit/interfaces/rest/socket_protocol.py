"""The WebSocket protocol of the server, where what a client does is no error of the server.

Rules: what is here differs from uvicorn's own protocol in three ways: a text that is no UTF-8 is the client's mistake
and stands in no log, a client that does not answer a ping is cut off even if it does not read either, and one that is
closing already is no trouble when the server ends.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

__all__ = ["SocketProtocol"]


class SocketProtocol(WebSocketsSansIOProtocol):
    """One connection that has become a WebSocket."""

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message on, if it can be read."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def keepalive_timeout(self) -> None:
        """Leave a client that does not answer; to wait until it has read everything could take for ever."""
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        """End with the server."""
        if self.handshake_complete and self.conn.state is not State.OPEN:
            self.transport.abort()
        else:
            super().shutdown()
