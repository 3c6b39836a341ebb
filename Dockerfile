# The image of `sc` for everybody with a container engine. The testbed makes the same one without (testbed/src/image.rs);
# testbed/tests/image.rs sees to it that the two agree.
#
#   docker build --tag service-connector.local/sc:dev .

FROM docker.io/library/rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --locked --release --package sc-cli --bin sc && cp target/*/release/sc /sc

# The binary is static: nothing else is needed, and there is no shell.
FROM scratch
COPY --from=build /sc /sc
COPY testbed/image/passwd /etc/passwd
ENV PATH=/ HOME=/
USER 65532:65532
ENTRYPOINT ["/sc"]
