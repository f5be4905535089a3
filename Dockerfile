# The image of the operator: one program, the licences of all that is in it, and the certificates that the world trusts. No shell, no root.
#
#   docker build --tag xopero-operator .
#   docker buildx build --platform linux/amd64,linux/arm64 --tag xopero-operator .
#
# It is compiled on the builder's own processor for the one that is asked for.

FROM --platform=$BUILDPLATFORM rust:1.95.0-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1 AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /source

# Which crates the program is made of, so that a scanner can tell: cargo-auditable writes it into the program itself. It names some
# that only tests use: cargo tells it what is built with the features that tests ask for.
RUN cargo install --locked --version 0.7.7 cargo-auditable

ARG TARGETARCH
# The linker and the C compiler of another processor, where it is another. Debian keeps one version at a time, which is the base's.
# hadolint ignore=DL3008
RUN <<EOT
    case "${TARGETARCH}" in
        amd64) target=x86_64-unknown-linux-gnu name=x86-64 debian=amd64 linker=x86_64-linux-gnu-gcc ;;
        arm64) target=aarch64-unknown-linux-gnu name=aarch64 debian=arm64 linker=aarch64-linux-gnu-gcc ;;
        *) echo "the processor ${TARGETARCH} is not built for" >&2; exit 1 ;;
    esac
    if [ "${target}" != "$(rustc --print host-tuple)" ]; then
        apt-get update
        apt-get install --yes --no-install-recommends "gcc-${name}-linux-gnu" "libc6-dev-${debian}-cross"
        rm -rf /var/lib/apt/lists/*
        rustup target add "${target}"
        printf '[target.%s]\nlinker = "%s"\n' "${target}" "${linker}" >> "${CARGO_HOME}/config.toml"
    fi
    echo "${target}" > /target
EOT

# All that others have written, before ours: this layer is built again only when Cargo.lock changes. cargo wants a file for every
# target that a manifest names.
COPY Cargo.toml Cargo.lock ./
COPY tests/campaign/Cargo.toml tests/campaign/
COPY tests/simulator/Cargo.toml tests/simulator/
COPY xtask/Cargo.toml xtask/
RUN <<EOT
    mkdir -p src benches tests/campaign/src tests/simulator/src xtask/src
    echo 'fn main() {}' | tee src/main.rs benches/decide.rs tests/campaign/src/main.rs tests/simulator/src/main.rs xtask/src/main.rs
    touch src/lib.rs tests/campaign/src/lib.rs tests/simulator/src/lib.rs xtask/src/lib.rs
    cargo auditable build --locked --release --package xopero-operator --target "$(cat /target)"
EOT

# What others have written goes with its licence, as each crate brings it, and so does Rust's own library. A shell that
# cannot change its folder ends here, which hadolint does not know.
# hadolint ignore=DL3003,SC2164
RUN <<EOT
    mkdir -p /licenses/crates
    cp "$(rustc --print sysroot)/share/doc/rust/COPYRIGHT-library.html" /licenses/rust-library.html
    cargo tree --locked --package xopero-operator --target "$(cat /target)" --edges normal,no-proc-macro --prefix none --format '{p} {l}' |
        sed --regexp-extended '/^xopero-operator /d; s/ \(\*\)$//; s/ v/ /' | sort --unique > /licenses/crates.txt
    cd "${CARGO_HOME}"/registry/src/*/
    cut --delimiter=' ' --fields=1,2 --output-delimiter=- /licenses/crates.txt | xargs --replace=CRATE find CRATE -type f \
        -iregex '.*/\(licen[cs]e\|copying\|copyright\|notice\|unlicense\)[^/]*' -exec cp --parents --target-directory=/licenses/crates {} +
    # Some crates keep theirs from others, as who packed them did.
    chmod --recursive a+rX /licenses
EOT

COPY src src
RUN <<EOT
    # Older than the program that was made of nothing, they would be taken for built.
    touch src/lib.rs src/main.rs
    cargo auditable build --locked --release --package xopero-operator --target "$(cat /target)"
    cp "target/$(cat /target)/release/xopero-operator" /xopero-operator
    # A program that is larger has taken in something that it should not have.
    test "$(stat --format=%s /xopero-operator)" -lt 20000000
EOT

# The C library, libgcc and the certificates of public authorities; a user without a name for a password.
FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="xopero-operator" \
      org.opencontainers.image.description="Keeps Git backups in Xopero ONE (GitProtect) as declared in custom resources" \
      org.opencontainers.image.source="https://github.com/xopero-operator/xopero-operator" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /licenses /licenses
COPY LICENSE /licenses/xopero-operator.txt
COPY --from=build /xopero-operator /usr/local/bin/xopero-operator
# By number: a cluster that wants to know that it is not root cannot look up a name.
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/xopero-operator"]
