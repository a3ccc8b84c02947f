namespace Orchestrator.UnitTests.Redaction.Corpus;

internal static partial class TokenKinds
{
    private static TokenKind[] Chat =>
        [
            new(
                "Slack bot token",
                "slack-token",
                "api.slack.com: token types",
                "xoxb-[0-9]{12}-[0-9]{12}-[A-Za-z0-9]{24}"
            ),
            new(
                "Slack user token",
                "slack-token",
                "api.slack.com: token types",
                "xoxp-[0-9]{12}-[0-9]{12}-[0-9]{12}-[0-9a-f]{32}"
            ),
            new(
                "Slack app token",
                "slack-token",
                "gitleaks: config/gitleaks.toml, slack-app-token",
                "xapp-1-A[A-Z0-9]{10}-[0-9]{13}-[0-9a-f]{64}"
            ),
            new(
                "Slack refresh token",
                "slack-token",
                "gitleaks: config/gitleaks.toml, slack-config-refresh-token",
                "xoxe-1-[A-Za-z0-9]{146}"
            ),
            new(
                "Slack rotating token",
                "slack-token",
                "gitleaks: config/gitleaks.toml, slack-config-access-token",
                "xoxe.xoxp-1-[A-Za-z0-9]{163}"
            ),
            new(
                "Slack webhook",
                "slack-webhook",
                "api.slack.com: incoming webhooks",
                "hooks.slack.com/services/T[A-Z0-9]{8,10}/B[A-Z0-9]{8,10}/[A-Za-z0-9]{24}",
                "https://@@"
            ),
            new(
                "Discord bot token",
                "discord-token",
                "discord.com developer docs: id in base64",
                "[MNO][TDz][A-Za-z0-9][A-Za-z0-9]N[TDz][A-Za-z0-9][A-Za-z0-9]M[TDz][A-Za-z0-9][A-Za-z0-9]O[TDz][A-Za-z0-9][A-Za-z0-9]N[TDz][A-Za-z0-9][A-Za-z0-9]M[TDz][A-Za-z0-9][A-Za-z0-9].G[A-Za-z0-9_-]{5}.[A-Za-z0-9_-]{38}"
            ),
            new(
                "Discord webhook",
                "discord-webhook",
                "discord.com developer docs: webhooks",
                "discord.com/api/webhooks/[0-9]{18,19}/[A-Za-z0-9_-]{68}",
                "https://@@"
            ),
            new(
                "Teams webhook",
                "teams-webhook",
                "gitleaks: config/gitleaks.toml, microsoft-teams-webhook",
                "webhook.office.com/webhookb2/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}@[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                "https://tenant.@@"
            ),
            new(
                "Telegram bot token",
                "telegram-token",
                "core.telegram.org: bot tokens",
                "AA[A-Za-z0-9_-]{33}",
                "https://telegram.localhost/bot123456789:@@/getMe"
            ),
            new(
                "Zapier webhook",
                "zapier-webhook",
                "GitHub: supported secret scanning patterns, zapier_webhook",
                "hooks.zapier.com/hooks/catch/[0-9]{6,8}/[a-z0-9]{7}",
                "https://@@/"
            ),
            new(
                "WeCom webhook",
                "wecom-webhook",
                "developer.work.weixin.qq.com",
                "qyapi.weixin.qq.com/cgi-bin/webhook/send?key=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                "https://@@"
            ),
            new(
                "DingTalk webhook",
                "dingtalk-webhook",
                "open.dingtalk.com: robots",
                "oapi.dingtalk.com/robot/send?access_token=[0-9a-f]{64}",
                "https://@@"
            ),
            new(
                "Lark webhook",
                "lark-webhook",
                "open.feishu.cn: custom bots",
                "open.feishu.cn/open-apis/bot/v2/hook/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                "https://@@"
            ),
            new(
                "IFTTT webhook key",
                "ifttt-key",
                "ifttt.com: maker webhooks",
                "maker.ifttt.com/trigger/door_open/with/key/[A-Za-z0-9_-]{22}",
                "https://@@"
            ),
            new(
                "Instagram token",
                "instagram-token",
                "developers.facebook.com: IGQVJ",
                "IGQVJ[A-Za-z0-9_-]{120,180}"
            ),
            new(
                "Twilio key",
                "twilio-key",
                "gitleaks: config/gitleaks.toml, twilio-api-key",
                "SK[0-9a-f]{32}"
            ),
            new(
                "Twilio auth token",
                "assignment",
                "twilio.com docs: 32 hex, no prefix",
                "[0-9a-f]{32}",
                "TWILIO_AUTH_TOKEN=@@"
            ),
            new(
                "Mailchimp key",
                "mailchimp-key",
                "gitleaks: config/gitleaks.toml, mailchimp-api-key",
                "[0-9a-f]{32}-us[0-9]{1,2}"
            ),
            new(
                "Mailgun key",
                "mailgun-key",
                "gitleaks: config/gitleaks.toml, mailgun-private-api-token",
                "key-[0-9a-f]{32}"
            ),
            new(
                "Mailgun signing key",
                "mailgun-key",
                "gitleaks: config/gitleaks.toml, mailgun-signing-key",
                "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}"
            ),
            new(
                "Brevo key",
                "brevo-key",
                "gitleaks: config/gitleaks.toml, sendinblue-api-token",
                "xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}"
            ),
            new(
                "SendGrid key",
                "sendgrid-key",
                "gitleaks: config/gitleaks.toml, sendgrid-api-token",
                "SG.[A-Za-z0-9_-]{22}.[A-Za-z0-9_-]{43}"
            ),
            new(
                "Resend key",
                "resend-key",
                "GitHub: supported secret scanning patterns, resend_api_key",
                "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"
            ),
            new(
                "LinkedIn secret",
                "linkedin-secret",
                "learn.microsoft.com/linkedin: WPL_AP1",
                "WPL_AP1.[A-Za-z0-9]{16}.[A-Za-z0-9+/]{6}=="
            ),
            new(
                "Facebook token",
                "facebook-token",
                "gitleaks: config/gitleaks.toml, facebook-page-access-token",
                "EAA[MC][A-Za-z0-9]{100,180}"
            ),
            new("VK token", "vk-token", "dev.vk.com: vk1.a.", "vk1.a.[A-Za-z0-9_-]{86,198}"),
        ];
}
