namespace Orchestrator.UnitTests.Redaction.Corpus;

internal static partial class TokenKinds
{
    private static TokenKind[] Work =>
        [
            new(
                "Airtable token",
                "airtable-token",
                "gitleaks: config/gitleaks.toml, airtable-personnal-access-token",
                "pat[A-Za-z0-9]{14}.[0-9a-f]{64}"
            ),
            new(
                "Notion token",
                "notion-token",
                "gitleaks: config/gitleaks.toml, notion-api-token",
                "ntn_[0-9]{11}[A-Za-z0-9]{35}"
            ),
            new(
                "Notion token, older",
                "notion-token",
                "GitHub: supported secret scanning patterns, notion_integration_token",
                "secret_[A-Za-z0-9]{43}"
            ),
            new(
                "Linear key",
                "linear-key",
                "gitleaks: config/gitleaks.toml, linear-api-key",
                "lin_api_[A-Za-z0-9]{40}"
            ),
            new(
                "Figma token",
                "figma-token",
                "GitHub: supported secret scanning patterns, figma_pat",
                "figd_[A-Za-z0-9_-]{40}"
            ),
            new(
                "Trello token",
                "trello-token",
                "developer.atlassian.com: ATTA",
                "ATTA[0-9a-f]{64}[0-9A-F]{8}"
            ),
            new(
                "ClickUp token",
                "clickup-token",
                "clickup.com developer docs: pk_",
                "pk_[0-9]{8}_[A-Z0-9]{32}"
            ),
            new(
                "Contentful token",
                "contentful-token",
                "GitHub: supported secret scanning patterns, contentful_personal_access_token",
                "CFPAT-[A-Za-z0-9_-]{43}"
            ),
            new(
                "Typeform token",
                "typeform-token",
                "gitleaks: config/gitleaks.toml, typeform-api-token",
                "tfp_[A-Za-z0-9_.-]{58}[A-Za-z0-9]"
            ),
            new(
                "Readme key",
                "readme-key",
                "gitleaks: config/gitleaks.toml, readme-api-token",
                "rdme_[a-z0-9]{70}"
            ),
            new("Sanity token", "sanity-token", "sanity.io docs: sk", "sk[A-Za-z0-9]{176}"),
            new(
                "Intercom token",
                "intercom-token",
                "developers.intercom.com: base64 of \"tok:\"",
                "dG9rO[A-Za-z0-9]{54}="
            ),
            new(
                "HubSpot token",
                "hubspot-token",
                "GitHub: supported secret scanning patterns, hubspot_private_apps_user_token",
                "pat-na1-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
            ),
            new(
                "Salesforce session",
                "salesforce-token",
                "developer.salesforce.com: organisation id, !, 96",
                "00D[A-Za-z0-9]{12}![A-Za-z0-9_.]{95}[A-Za-z0-9]"
            ),
            new(
                "Dropbox token",
                "dropbox-token",
                "gitleaks: config/gitleaks.toml, dropbox-short-lived-api-token",
                "sl.[A-Za-z0-9_-]{135}"
            ),
            new("Shopify token", "shopify-token", "shopify.dev: shpat_", "shpat_[0-9a-f]{32}"),
            new(
                "Shopify custom app token",
                "shopify-token",
                "shopify.dev: shpca_",
                "shpca_[0-9a-f]{32}"
            ),
            new(
                "Shopify shared secret",
                "shopify-token",
                "shopify.dev: shpss_",
                "shpss_[0-9a-f]{32}"
            ),
            new(
                "WooCommerce secret",
                "woocommerce-key",
                "woocommerce docs: cs_",
                "cs_[0-9a-f]{40}"
            ),
            new(
                "Mapbox secret token",
                "mapbox-token",
                "docs.mapbox.com: sk. tokens",
                "sk.eyJ[A-Za-z0-9]{80}.[A-Za-z0-9_-]{22}"
            ),
            new(
                "RapidAPI key",
                "rapidapi-key",
                "gitleaks: config/gitleaks.toml, rapidapi-access-token",
                "[a-z0-9]{10}msh[a-z0-9]{15}p1[a-z0-9]{6}jsn[a-z0-9]{12}"
            ),
            new(
                "Frame.io token",
                "frameio-token",
                "gitleaks: config/gitleaks.toml, frameio-api-token",
                "fio-u-[A-Za-z0-9_-]{64}"
            ),
            new(
                "Intra42 secret",
                "intra42-secret",
                "gitleaks: config/gitleaks.toml, intra42-client-secret",
                "s-s4t2ud-[0-9a-f]{64}"
            ),
            new(
                "Ubidots token",
                "ubidots-token",
                "GitHub: supported secret scanning patterns, ubidots_token",
                "BBFF-[A-Za-z0-9]{30}"
            ),
            new(
                "Adafruit key",
                "adafruit-key",
                "gitleaks: config/gitleaks.toml, adafruit-api-key family, aio_",
                "aio_[A-Za-z0-9]{28}"
            ),
            new(
                "WakaTime key",
                "wakatime-key",
                "wakatime.com docs: waka_",
                "waka_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
            ),
            new(
                "Ionic token",
                "ionic-token",
                "GitHub: supported secret scanning patterns, ionic_personal_access_token",
                "ion_[A-Za-z0-9]{42}"
            ),
            new("Lichess token", "lichess-token", "lichess.org/api: lip_", "lip_[A-Za-z0-9]{20}"),
            new(
                "Samsara token",
                "samsara-token",
                "GitHub: supported secret scanning patterns, samsara_api_token",
                "samsara_api_[A-Za-z0-9]{30}"
            ),
            new("Zuplo key", "zuplo-key", "zuplo.com docs: zpka_", "zpka_[0-9a-f]{32}_[0-9a-f]{8}"),
            new(
                "PubNub secret key",
                "pubnub-key",
                "pubnub.com docs: sec-c-",
                "sec-c-[A-Za-z0-9]{48}"
            ),
            new(
                "This product's token",
                "orchestrator-token",
                "docs/api.md",
                "orc_[A-Za-z0-9_-]{43}"
            ),
            new(
                "JSON web token",
                "jwt",
                "RFC 7519",
                "eyJ[A-Za-z0-9]{30,40}.eyJ[A-Za-z0-9]{60,300}.[A-Za-z0-9_-]{43}"
            ),
            new(
                "Bearer token",
                "bearer",
                "RFC 6750",
                "[A-Za-z0-9]{40}",
                "Authorization: Bearer @@"
            ),
            new(
                "Okta token",
                "bearer",
                "developer.okta.com: SSWS and 00, 40",
                "00[A-Za-z0-9_-]{40}",
                "Authorization: SSWS @@"
            ),
            new(
                "Basic credentials",
                "bearer",
                "RFC 7617",
                "[A-Za-z0-9+/]{31}=",
                "Authorization: Basic @@"
            ),
            new(
                "Algolia admin key",
                "assignment",
                "algolia.com docs: 32 hex, no prefix",
                "[0-9a-f]{32}",
                "ALGOLIA_ADMIN_API_KEY=@@"
            ),
            new(
                "Zendesk token",
                "assignment",
                "gitleaks: config/gitleaks.toml, zendesk-secret-key: 40, no prefix",
                "[a-z0-9]{40}",
                "zendesk_token: \"@@\""
            ),
            new(
                "PostgreSQL password in a URL",
                "url-password",
                "postgresql.org: connection URIs",
                "[A-Za-z0-9]{16}",
                "postgres://app:@@@db.localhost:5432/app"
            ),
            new(
                "MongoDB password in a URL",
                "url-password",
                "mongodb.com: connection strings",
                "[A-Za-z0-9]{12}",
                "mongodb+srv://app:@@@cluster0.localhost/app"
            ),
            new(
                "Redis password in a URL",
                "url-password",
                "redis.io: redis URI scheme",
                "[A-Za-z0-9]{20}",
                "redis://:@@@cache:6379/0"
            ),
            new(
                "AMQP password in a URL",
                "url-password",
                "rabbitmq.com: URI specification",
                "[A-Za-z0-9]{20}",
                "amqps://app:@@@mq:5671/vhost"
            ),
            new(
                "SQL Server password",
                "connection-string",
                "learn.microsoft.com: connection strings",
                "[A-Za-z0-9]{14}!",
                "Server=db;Database=a;User Id=sa;Password=@@;Encrypt=true"
            ),
        ];
}
