# docker build -t atss-inspect . && docker run --rm -v "$PWD:/data" atss-inspect --help
FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea
WORKDIR /source
COPY requirements/demo.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/demo.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && useradd inspector
USER inspector
WORKDIR /data
ENTRYPOINT ["atss-inspect"]
