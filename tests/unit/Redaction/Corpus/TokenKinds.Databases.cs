namespace Orchestrator.UnitTests.Redaction.Corpus;

internal static partial class TokenKinds
{
    private static TokenKind[] Databases =>
        [
            new(
                "Fly.io access token",
                "fly-token",
                "gitleaks: config/gitleaks.toml, flyio-access-token",
                "fo1_[A-Za-z0-9_-]{43}"
            ),
            new(
                "Render key",
                "render-key",
                "render.com docs: keys begin rnd_",
                "rnd_[A-Za-z0-9]{28,32}"
            ),
            new(
                "Vercel token",
                "vercel-token",
                "vercel.com changelog: token formats",
                "vcp_[A-Za-z0-9]{56}"
            ),
            new(
                "Vercel blob token",
                "vercel-token",
                "vercel.com docs: BLOB_READ_WRITE_TOKEN",
                "vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30,40}"
            ),
            new("Netlify token", "netlify-token", "docs.netlify.com: nfp_", "nfp_[A-Za-z0-9]{36}"),
            new(
                "Cloudflare origin CA key",
                "cloudflare-key",
                "gitleaks: config/gitleaks.toml, cloudflare-origin-ca-key",
                "v1.0-[0-9a-f]{24}-[0-9a-f]{146}"
            ),
            new(
                "Cloudflare API token",
                "assignment",
                "developers.cloudflare.com: 40 characters, no prefix",
                "[A-Za-z0-9_-]{40}",
                "CLOUDFLARE_API_TOKEN=@@"
            ),
            new(
                "PlanetScale token",
                "planetscale-token",
                "gitleaks: config/gitleaks.toml, planetscale-api-token",
                "pscale_tkn_[A-Za-z0-9.-]{32,43}"
            ),
            new(
                "PlanetScale password",
                "planetscale-token",
                "gitleaks: config/gitleaks.toml, planetscale-password",
                "pscale_pw_[A-Za-z0-9_-]{43}"
            ),
            new("Supabase token", "supabase-token", "supabase.com docs: sbp_", "sbp_[0-9a-f]{40}"),
            new(
                "Supabase secret key",
                "supabase-token",
                "supabase.com docs: API keys",
                "sb_secret_[A-Za-z0-9_-]{22}_[A-Za-z0-9_-]{8}"
            ),
            new("Neon key", "neon-key", "neon.tech docs: napi_", "napi_[a-z0-9]{64}"),
            new(
                "Aiven password",
                "aiven-password",
                "GitHub: supported secret scanning patterns, aiven_service_password",
                "AVNS_[A-Za-z0-9_-]{19}"
            ),
            new(
                "Databricks token",
                "databricks-token",
                "gitleaks: config/gitleaks.toml, databricks-api-token",
                "dapi[0-9a-f]{32}"
            ),
            new(
                "Vault service token",
                "vault-token",
                "developer.hashicorp.com: hvs.",
                "hvs.[A-Za-z0-9_-]{90,120}"
            ),
            new(
                "Vault batch token",
                "vault-token",
                "developer.hashicorp.com: hvb.",
                "hvb.[A-Za-z0-9_-]{138,212}"
            ),
            new(
                "Terraform Cloud token",
                "terraform-token",
                "gitleaks: config/gitleaks.toml, hashicorp-tf-api-token",
                "[A-Za-z0-9]{14}.atlasv1.[A-Za-z0-9_-]{60,70}"
            ),
            new(
                "Pulumi token",
                "pulumi-token",
                "gitleaks: config/gitleaks.toml, pulumi-api-token",
                "pul-[0-9a-f]{40}"
            ),
            new(
                "Scalingo token",
                "scalingo-token",
                "gitleaks: config/gitleaks.toml, scalingo-api-token",
                "tk-us-[A-Za-z0-9_-]{48}"
            ),
            new(
                "CockroachDB key",
                "cockroach-key",
                "GitHub: supported secret scanning patterns, cockroach_labs_api_key",
                "CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}"
            ),
            new(
                "Doppler personal token",
                "doppler-token",
                "docs.doppler.com: token formats",
                "dp.pt.[A-Za-z0-9]{40,44}"
            ),
            new(
                "Doppler service token",
                "doppler-token",
                "docs.doppler.com: token formats",
                "dp.st.[a-z0-9_-]{2,20}.[A-Za-z0-9]{40,44}"
            ),
            new(
                "Infisical service token",
                "infisical-token",
                "infisical.com docs: st.",
                "st.[0-9a-f]{24}.[0-9a-f]{32}.[0-9a-f]{32}"
            ),
            new(
                "1Password service account token",
                "1password-token",
                "gitleaks: config/gitleaks.toml, 1password-service-account-token",
                "ops_eyJ[A-Za-z0-9+/]{250,300}="
            ),
            new(
                "1Password secret key",
                "1password-token",
                "gitleaks: config/gitleaks.toml, 1password-secret-key",
                "A3-[A-Z0-9]{6}-[A-Z0-9]{6}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"
            ),
            new(
                "age secret key",
                "age-key",
                "gitleaks: config/gitleaks.toml, age-secret-key",
                "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"
            ),
            new(
                "Tailscale auth key",
                "tailscale-key",
                "tailscale.com docs: key prefixes",
                "tskey-auth-[A-Za-z0-9]{12}CNTRL-[A-Za-z0-9]{32}"
            ),
            new(
                "Tailscale API key",
                "tailscale-key",
                "tailscale.com docs: key prefixes",
                "tskey-api-[A-Za-z0-9]{12}CNTRL-[A-Za-z0-9]{32}"
            ),
            new(
                "Defined Networking token",
                "defined-key",
                "gitleaks: config/gitleaks.toml, defined-networking-api-token",
                "dnkey-[A-Z0-9]{26}-[A-Z0-9]{52}"
            ),
            new(
                "Hetzner token",
                "assignment",
                "docs.hetzner.cloud: 64 characters, no prefix",
                "[A-Za-z0-9]{64}",
                "HCLOUD_TOKEN: \"@@\""
            ),
            new(
                "Datadog app key",
                "assignment",
                "docs.datadoghq.com: 40 hex, no prefix",
                "[0-9a-f]{40}",
                "DD_APP_KEY=@@"
            ),
            new(
                "Fastly token",
                "assignment",
                "gitleaks: config/gitleaks.toml, fastly-api-token: 32 characters, no prefix",
                "[A-Za-z0-9_-]{32}",
                "fastly_token = \"@@\""
            ),
            new(
                "Linode token",
                "assignment",
                "linode.com docs: 64 hex, no prefix",
                "[0-9a-f]{64}",
                "linode_api_token = \"@@\""
            ),
        ];
}
