namespace Orchestrator.UnitTests.Redaction.Corpus;

internal static partial class TokenKinds
{
    private static TokenKind[] Build =>
        [
            new(
                "Docker personal token",
                "docker-token",
                "docs.docker.com: dckr_pat_",
                "dckr_pat_[A-Za-z0-9_-]{27}"
            ),
            new(
                "Docker organisation token",
                "docker-token",
                "docs.docker.com: dckr_oat_",
                "dckr_oat_[A-Za-z0-9_-]{32}"
            ),
            new(
                "Docker registry login",
                "registry-auth",
                "docs.docker.com: config.json, base64 of user and password",
                "[A-Za-z0-9+/]{43}=",
                "{\"auths\": {\"registry.localhost\": {\"auth\": \"@@\"}}}"
            ),
            new(
                "npm registry login",
                "registry-auth",
                "docs.npmjs.com: .npmrc",
                "[A-Za-z0-9+/]{43}=",
                "//registry.localhost/:_auth=@@"
            ),
            new(
                "Artifactory key",
                "artifactory-token",
                "gitleaks: config/gitleaks.toml, artifactory-api-key",
                "AKCp[A-Za-z0-9]{69}"
            ),
            new(
                "Artifactory reference token",
                "artifactory-token",
                "gitleaks: config/gitleaks.toml, artifactory-reference-token",
                "cmVmdGtu[A-Za-z0-9]{56}"
            ),
            new(
                "Postman key",
                "postman-key",
                "gitleaks: config/gitleaks.toml, postman-api-token",
                "PMAK-[0-9a-f]{24}-[0-9a-f]{34}"
            ),
            new(
                "OpenShift token",
                "openshift-token",
                "gitleaks: config/gitleaks.toml, openshift-user-token",
                "sha256~[A-Za-z0-9_-]{43}"
            ),
            new(
                "Prefect key",
                "prefect-key",
                "gitleaks: config/gitleaks.toml, prefect-api-token",
                "pnu_[A-Za-z0-9]{36}"
            ),
            new(
                "Infracost key",
                "infracost-key",
                "gitleaks: config/gitleaks.toml, infracost-api-token",
                "ico-[A-Za-z0-9]{32}"
            ),
            new(
                "Grafana cloud token",
                "grafana-token",
                "gitleaks: config/gitleaks.toml, grafana-cloud-api-token",
                "glc_eyJ[A-Za-z0-9+/]{80,150}="
            ),
            new(
                "Grafana service account token",
                "grafana-token",
                "gitleaks: config/gitleaks.toml, grafana-service-account-token",
                "glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}"
            ),
            new(
                "Grafana key",
                "grafana-token",
                "gitleaks: config/gitleaks.toml, grafana-api-key",
                "eyJrIjoi[A-Za-z0-9]{70,120}=="
            ),
            new(
                "New Relic user key",
                "newrelic-key",
                "gitleaks: config/gitleaks.toml, new-relic-user-api-key",
                "NRAK-[A-Z0-9]{27}"
            ),
            new(
                "New Relic insert key",
                "newrelic-key",
                "gitleaks: config/gitleaks.toml, new-relic-insert-key",
                "NRII-[A-Za-z0-9_-]{32}"
            ),
            new(
                "New Relic license key",
                "newrelic-key",
                "docs.newrelic.com: 40 characters that end in NRAL",
                "[0-9a-f]{36}NRAL"
            ),
            new(
                "Sentry org token",
                "sentry-token",
                "gitleaks: config/gitleaks.toml, sentry-org-token",
                "sntrys_eyJpYXQiO[A-Za-z0-9+/]{80,150}=_[A-Za-z0-9+/]{43}"
            ),
            new(
                "Sentry user token",
                "sentry-token",
                "gitleaks: config/gitleaks.toml, sentry-user-token",
                "sntryu_[0-9a-f]{64}"
            ),
            new(
                "Dynatrace token",
                "dynatrace-token",
                "gitleaks: config/gitleaks.toml, dynatrace-api-token",
                "dt0c01.[A-Z2-7]{24}.[A-Z2-7]{64}"
            ),
            new(
                "Honeycomb ingest key",
                "honeycomb-key",
                "docs.honeycomb.io: hcaik_",
                "hcaik_[a-z0-9]{58}"
            ),
            new(
                "PostHog personal key",
                "posthog-key",
                "posthog.com docs: phx_",
                "phx_[A-Za-z0-9]{43,48}"
            ),
            new(
                "Rootly key",
                "rootly-key",
                "GitHub: supported secret scanning patterns, rootly_api_key",
                "rootly_[0-9a-f]{64}"
            ),
            new("Checkly key", "checkly-key", "checklyhq.com docs: cu_", "cu_[0-9a-f]{32}"),
            new(
                "Statsig secret key",
                "statsig-key",
                "docs.statsig.com: server secret keys",
                "secret-[A-Za-z0-9]{43}"
            ),
            new(
                "Codecov token",
                "assignment",
                "docs.codecov.com: a UUID, no prefix",
                "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                "CODECOV_TOKEN: @@"
            ),
            new(
                "PEM private key",
                "private-key",
                "RFC 7468",
                "-----BEGIN PRIVATE KEY-----\n[A-Za-z0-9+/]{64}\n[A-Za-z0-9+/]{64}\n[A-Za-z0-9+/]{30}==\n-----END PRIVATE KEY-----",
                "@@\n"
            ),
            new(
                "RSA private key",
                "private-key",
                "RFC 7468, PKCS 1",
                "-----BEGIN RSA PRIVATE KEY-----\n[A-Za-z0-9+/]{64}\n[A-Za-z0-9+/]{64}\n-----END RSA PRIVATE KEY-----",
                "@@\n"
            ),
            new(
                "EC private key",
                "private-key",
                "RFC 5915",
                "-----BEGIN EC PRIVATE KEY-----\n[A-Za-z0-9+/]{64}\n[A-Za-z0-9+/]{60}==\n-----END EC PRIVATE KEY-----",
                "@@"
            ),
            new(
                "OpenSSH private key",
                "private-key",
                "openssh: PROTOCOL.key",
                "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE[A-Za-z0-9+/]{51}\n[A-Za-z0-9+/]{70}\n-----END OPENSSH PRIVATE KEY-----",
                "@@\n"
            ),
            new(
                "PGP private key",
                "private-key",
                "RFC 9580",
                "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n[A-Za-z0-9+/]{64}\n[A-Za-z0-9+/]{64}\n=[A-Za-z0-9+/]{4}\n-----END PGP PRIVATE KEY BLOCK-----",
                "@@\n"
            ),
            new(
                "Key of a Google service account",
                "private-key",
                "cloud.google.com: service account keys",
                "-----BEGIN PRIVATE KEY-----\\n[A-Za-z0-9+/]{64}\\n[A-Za-z0-9+/]{64}\\n-----END PRIVATE KEY-----",
                "{\"private_key\": \"@@\\n\"}"
            ),
            new(
                "PuTTY private key",
                "putty-key",
                "putty: Appendix C, PPK",
                "Private-Lines: 2\n[A-Za-z0-9+/]{64}\n[A-Za-z0-9+/]{40}",
                "@@\nPrivate-MAC: 1"
            ),
            new(
                "JSON web key",
                "jwk",
                "RFC 7517",
                "[A-Za-z0-9_-]{43}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"@@\"}"
            ),
        ];
}
