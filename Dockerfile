# One image, three commands: api (the default) | worker | migrate. Anything else goes to `sidan` as it is.
# The environment is made by the same command as on a developer's machine: make setup.

FROM python:3.11-bookworm AS builder
WORKDIR /srv/sidan
COPY Makefile pyproject.toml LICENSE requirements.txt ./
COPY app/__init__.py app/
RUN make setup

FROM python:3.11-slim-bookworm
WORKDIR /srv/sidan
ENV PATH=/srv/sidan/.venv/bin:$PATH PYTHONUNBUFFERED=1 \
    SIDAN_ENV=production SIDAN_WORKER_INSIDE=false \
    DATABASE_URL=sqlite+aiosqlite:///data/sidan.db
COPY --from=builder /srv/sidan/.venv .venv
COPY . .
RUN python -m compileall -q app && install -d -o 10001 -g 10001 data
USER 10001:10001
VOLUME /srv/sidan/data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["/bin/sh", "-c", "case $0 in api) set -- serve --host 0.0.0.0 --port 8000 \"$@\";; *) set -- \"$0\" \"$@\";; esac; exec sidan \"$@\""]
CMD ["api"]
