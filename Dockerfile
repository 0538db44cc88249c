# syntax=docker/dockerfile:1
# One static program in an image without shell, package manager or root.

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION=unreleased
# -trimpath and no CGO: the same sources give the same bytes wherever they are built.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags="-s -w -buildid= -X main.version=$VERSION" -o /out/portico ./cmd/portico

# Brings certificate authorities and time zones; runs as user 65532.
FROM gcr.io/distroless/static-debian12:nonroot
ARG VERSION=unreleased REVISION=unknown
LABEL org.opencontainers.image.title="Portico" \
      org.opencontainers.image.description="Branded sign-in and account recovery for every tenant of a SaaS" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION
COPY --from=build /out/portico /portico
COPY LICENSE /LICENSE
USER nonroot:nonroot
# 8080: the portal, behind a proxy that ends TLS. 9090: /metrics, for a private network only.
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["/portico", "healthcheck"]
ENTRYPOINT ["/portico"]
CMD ["serve", "--addr=:8080", "--metrics-addr=:9090"]
