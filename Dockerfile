# Two stages: a wheel is built, then installed into an image that runs as nobody on a read-only file system.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md app.yml ./
COPY bot bot
COPY sequences sequences
COPY examples examples
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /wheels

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home selfheal \
    && install -d -o selfheal /state
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl && rm -rf /wheels
USER selfheal
ENV SELFHEAL_STATE=/state XDG_CACHE_HOME=/state/cache HOST=0.0.0.0 PORT=8000 PYTHONDONTWRITEBYTECODE=1
VOLUME ["/state"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["selfheal", "serve"]
