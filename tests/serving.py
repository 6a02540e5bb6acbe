"""A real server on a real socket of this machine, for what must be tried over the network."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from app.lines import Line


@asynccontextmanager
async def serving(
    app: ASGIApp, ssl_certfile: str | None = None, idle_seconds: float = 5, proxies: str = ""
) -> AsyncIterator[str]:
    """Serve `app` on a free port of the loopback; its address, without a slash at the end."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_level="critical",
        lifespan="off",
        http=Line,
        ws="none",
        server_header=False,
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=1,
        ssl_certfile=ssl_certfile,
    )
    config.timeout_keep_alive = idle_seconds  # type: ignore[assignment]  # fractions, where a test waits for it
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await task
        listening.close()
