# The image of the four stages, of `newsloom watch`, `newsloom web` and `newsloom setup`. Which of them a container is, its command says.
# No Java, no Kafka, no Elasticsearch in here: those are containers of their own (docker-compose.yml).

FROM python:3.11.15-slim-trixie AS build
COPY requirements-services.lock /tmp/
# wheels only, each checked against its hash: nothing is compiled and no package's code runs while it is installed
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes --only-binary :all: \
        -r /tmp/requirements-services.lock

FROM python:3.11.15-slim-trixie
RUN pip uninstall --yes --root-user-action=ignore pip \
 && groupadd --gid 10001 newsloom \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin newsloom \
 && printf '#!/bin/sh\nexec python -m newsloom "$@"\n' > /usr/local/bin/newsloom \
 && chmod 755 /usr/local/bin/newsloom
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY config config
COPY pipeline pipeline
COPY ingest ingest
COPY enrich enrich
COPY index index
COPY watches watches
COPY alerts alerts
COPY web web
COPY newsloom newsloom
ENV PATH=/opt/venv/bin:$PATH \
    OPENBLAS_NUM_THREADS=1 \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# the file system is read-only where this runs, so the byte code is written now
RUN python -m compileall -q /app
USER 10001:10001
EXPOSE 8080
CMD ["newsloom", "--help"]
