"""The WebSocket protocol of the server, where what a client does is no error of the server.

Rules: what is here differs from uvicorn's own protocol in four ways: a handshake that is refused with an answer is a
whole one, a text that is no UTF-8 is the client's mistake, and neither is an error in the log; a client that does not
answer a ping is cut off even if it does not read either; one that is closing is no trouble when the server ends.
"""

from __future__ import annotations

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

__all__ = ["SocketProtocol"]


class SocketProtocol(WebSocketsSansIOProtocol):
    """One connection that has become a WebSocket."""

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message on, if it can be read."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames: list[bytes] = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    async def send(self, message: ASGISendEvent) -> None:
        """Send what the application says."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def keepalive_timeout(self) -> None:
        """Leave a client that does not answer; to wait until it has read everything could take for ever."""
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        """End with the server."""
        if self.handshake_complete and self.conn.state.name != "OPEN":
            self.transport.abort()
        else:
            super().shutdown()
