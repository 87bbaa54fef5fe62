# The README's command, as an image. The release is built at build time, so that a container only reads.
FROM python:3.11-slim

WORKDIR /srv/gaoxin
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
COPY seed_data seed_data
ENV GAOXIN_DATA_DIR=/srv/gaoxin/data GAOXIN_HOST=0.0.0.0 MPLCONFIGDIR=/srv/gaoxin/data/matplotlib \
    PYTHONDONTWRITEBYTECODE=1
RUN python3 -m venv .venv \
 && .venv/bin/pip install --no-cache-dir -e '.[svg]' \
 && .venv/bin/python -m compileall -q app \
 && useradd --system --uid 10001 gaoxin \
 && .venv/bin/gaoxin load \
 && chown -R gaoxin data
USER gaoxin
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
  CMD [".venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD [".venv/bin/gaoxin", "serve"]
