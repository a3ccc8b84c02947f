namespace Orchestrator.UnitTests.Redaction.Corpus;

internal static partial class TokenKinds
{
    private static TokenKind[] Cloud =>
        [
            new(
                "AWS access key id",
                "aws-key",
                "docs.aws.amazon.com: IAM unique identifiers",
                "AKIA[A-Z2-7]{16}"
            ),
            new(
                "AWS temporary key id",
                "aws-key",
                "docs.aws.amazon.com: IAM unique identifiers",
                "ASIA[A-Z2-7]{16}"
            ),
            new(
                "AWS bearer token id",
                "aws-key",
                "docs.aws.amazon.com: IAM unique identifiers",
                "ABIA[A-Z2-7]{16}"
            ),
            new(
                "AWS secret access key",
                "assignment",
                "docs.aws.amazon.com: 40 characters, no prefix",
                "[A-Za-z0-9/+]{40}",
                "aws_secret_access_key = @@"
            ),
            new(
                "AWS Bedrock key, long-lived",
                "aws-bedrock-key",
                "gitleaks: config/gitleaks.toml, aws-amazon-bedrock-api-key-long-lived",
                "ABSK[A-Za-z0-9+/]{109,128}=="
            ),
            new(
                "AWS Bedrock key, short-lived",
                "aws-bedrock-key",
                "gitleaks: config/gitleaks.toml, aws-amazon-bedrock-api-key-short-lived",
                "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9]{100,200}"
            ),
            new(
                "Amazon MWS auth token",
                "amazon-mws-token",
                "developer docs: amzn.mws. and a UUID",
                "amzn.mws.[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
            ),
            new(
                "Login with Amazon client secret",
                "amazon-oauth-secret",
                "developer.amazon.com: amzn1.oa2-cs.v1.",
                "amzn1.oa2-cs.v1.[0-9a-f]{64}"
            ),
            new(
                "Google API key",
                "google-key",
                "gitleaks: config/gitleaks.toml, gcp-api-key",
                "AIza[A-Za-z0-9_-]{35}"
            ),
            new(
                "Google OAuth client secret",
                "google-key",
                "GitHub: supported secret scanning patterns, google_oauth_client_secret",
                "GOCSPX-[A-Za-z0-9_-]{28}"
            ),
            new(
                "Google OAuth access token",
                "google-key",
                "developers.google.com: access tokens begin ya29.",
                "ya29.a0[A-Za-z0-9_-]{100,200}"
            ),
            new(
                "Google OAuth refresh token",
                "google-key",
                "developers.google.com: refresh tokens begin 1//0",
                "1//0[A-Za-z0-9_-]{60,100}"
            ),
            new(
                "Azure AD client secret",
                "azure-client-secret",
                "gitleaks: config/gitleaks.toml, azure-ad-client-secret",
                "[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"
            ),
            new(
                "Azure DevOps token",
                "azure-devops-token",
                "learn.microsoft.com: 84 characters with AZDO at 76",
                "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"
            ),
            new(
                "Azure AI services key",
                "azure-key",
                "learn.microsoft.com: 84 characters, JQQJ99 at 52",
                "[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}"
            ),
            new(
                "Azure Functions key",
                "azure-key",
                "learn.microsoft.com: identifiable key AzFu",
                "[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{8}=="
            ),
            new(
                "Azure AI Search key",
                "azure-key",
                "learn.microsoft.com: identifiable key AzSe",
                "[A-Za-z0-9]{42}AzSe[A-Za-z0-9]{6}"
            ),
            new(
                "Azure storage key",
                "connection-string",
                "learn.microsoft.com: 88 characters base64",
                "[A-Za-z0-9+/]{86}==",
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=@@;EndpointSuffix=core.windows.net"
            ),
            new(
                "Azure shared access signature",
                "azure-signature",
                "learn.microsoft.com: sig=, base64 of 32 bytes, escaped",
                "sig=[A-Za-z0-9]{20}%2B[A-Za-z0-9]{10}%2F[A-Za-z0-9]{11}%3D",
                "https://a.blob.core.windows.net/c?sv=2024-11-04&@@&se=2026"
            ),
            new(
                "Azure Service Bus key",
                "connection-string",
                "learn.microsoft.com: base64 of 32 bytes",
                "[A-Za-z0-9+/]{43}=",
                "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=@@;EntityPath=q"
            ),
            new(
                "Alibaba access key id",
                "alibaba-key",
                "gitleaks: config/gitleaks.toml, alibaba-access-key-id",
                "LTAI5t[A-Za-z0-9]{18}"
            ),
            new(
                "Tencent secret id",
                "tencent-key",
                "GitHub: supported secret scanning patterns, tencent_cloud_secret_id",
                "AKID[A-Za-z0-9]{32}"
            ),
            new(
                "Volcengine access key id",
                "volcengine-key",
                "GitHub: supported secret scanning patterns, volcengine_access_key_id",
                "AKLT[A-Za-z0-9]{43}"
            ),
            new(
                "Baidu API key",
                "baidu-key",
                "GitHub: supported secret scanning patterns, baiducloud_api_key",
                "bce-v3/ALTAK-[A-Za-z0-9]{21}/[0-9a-f]{40}"
            ),
            new(
                "Yandex API key",
                "yandex-key",
                "gitleaks: config/gitleaks.toml, yandex-api-key",
                "AQVN[A-Za-z0-9_-]{35,38}"
            ),
            new(
                "Yandex OAuth token",
                "yandex-key",
                "yandex.cloud docs: OAuth tokens",
                "y0_[A-Za-z0-9_-]{55,58}"
            ),
            new(
                "Yandex IAM token",
                "yandex-key",
                "gitleaks: config/gitleaks.toml, yandex-access-token",
                "t1.9eu[A-Za-z0-9_-]{100}.[A-Za-z0-9_-]{86}=="
            ),
            new(
                "Yandex static key",
                "yandex-key",
                "gitleaks: config/gitleaks.toml, yandex-aws-access-token",
                "YC[A-Za-z0-9_-]{38}"
            ),
            new(
                "DigitalOcean token",
                "digitalocean-token",
                "docs.digitalocean.com: token prefixes",
                "dop_v1_[0-9a-f]{64}"
            ),
            new(
                "DigitalOcean OAuth token",
                "digitalocean-token",
                "docs.digitalocean.com: token prefixes",
                "doo_v1_[0-9a-f]{64}"
            ),
            new(
                "DigitalOcean refresh token",
                "digitalocean-token",
                "docs.digitalocean.com: token prefixes",
                "dor_v1_[0-9a-f]{64}"
            ),
            new(
                "Heroku key",
                "heroku-key",
                "gitleaks: config/gitleaks.toml, heroku-api-key-v2",
                "HRKU-AA[A-Za-z0-9_-]{58}"
            ),
            new(
                "Fly.io token",
                "fly-token",
                "gitleaks: config/gitleaks.toml, flyio-access-token",
                "fm2_[A-Za-z0-9+/]{200,300}=="
            ),
        ];
}
