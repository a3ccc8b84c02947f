namespace Orchestrator.UnitTests.Redaction.Corpus;

internal static partial class TokenKinds
{
    private static TokenKind[] Payment =>
        [
            new(
                "Twitch token",
                "twitch-token",
                "dev.twitch.tv: IRC passwords",
                "oauth:[a-z0-9]{30}"
            ),
            new(
                "Stripe secret key",
                "stripe-key",
                "docs.stripe.com: keys",
                "sk_live_[A-Za-z0-9]{99}"
            ),
            new(
                "Stripe secret key, older",
                "stripe-key",
                "docs.stripe.com: keys",
                "sk_live_[A-Za-z0-9]{24}"
            ),
            new(
                "Stripe restricted key",
                "stripe-key",
                "docs.stripe.com: keys",
                "rk_live_[A-Za-z0-9]{99}"
            ),
            new(
                "Stripe webhook secret",
                "stripe-key",
                "docs.stripe.com: webhooks",
                "whsec_[A-Za-z0-9]{32}"
            ),
            new(
                "Paystack key",
                "stripe-key",
                "paystack.com docs: sk_live_",
                "sk_live_[0-9a-f]{40}"
            ),
            new(
                "Square token",
                "square-token",
                "gitleaks: config/gitleaks.toml, square-access-token",
                "sq0atp-[A-Za-z0-9_-]{22}"
            ),
            new(
                "Square secret",
                "square-token",
                "GitHub: supported secret scanning patterns, square_production_application_secret",
                "sq0csp-[A-Za-z0-9_-]{43}"
            ),
            new(
                "Square production token",
                "square-token",
                "gitleaks: config/gitleaks.toml, square-access-token",
                "EAAA[A-Za-z0-9_-]{60}"
            ),
            new(
                "Braintree token",
                "braintree-token",
                "GitHub: supported secret scanning patterns, paypal braintree",
                "access_token$production$[a-z0-9]{16}$[0-9a-f]{32}"
            ),
            new(
                "Plaid token",
                "plaid-token",
                "gitleaks: config/gitleaks.toml, plaid-api-token",
                "access-production-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
            ),
            new(
                "Flutterwave key",
                "flutterwave-key",
                "gitleaks: config/gitleaks.toml, flutterwave-secret-key",
                "FLWSECK_TEST-[a-h0-9]{32}-X"
            ),
            new(
                "Razorpay key",
                "razorpay-key",
                "razorpay.com docs: rzp_live_",
                "rzp_live_[A-Za-z0-9]{14}"
            ),
            new("Mollie key", "mollie-key", "docs.mollie.com: live_", "live_[A-Za-z0-9]{30}"),
            new(
                "Lob key",
                "lob-key",
                "gitleaks: config/gitleaks.toml, lob-api-key",
                "live_[0-9a-f]{35}"
            ),
            new(
                "EasyPost key",
                "easypost-key",
                "gitleaks: config/gitleaks.toml, easypost-api-token",
                "EZAK[A-Za-z0-9]{54}"
            ),
            new(
                "Duffel token",
                "duffel-token",
                "gitleaks: config/gitleaks.toml, duffel-api-token",
                "duffel_live_[A-Za-z0-9_-]{43}"
            ),
            new(
                "Shippo token",
                "shippo-token",
                "gitleaks: config/gitleaks.toml, shippo-api-token",
                "shippo_live_[0-9a-f]{40}"
            ),
            new(
                "Paddle key",
                "paddle-key",
                "developer.paddle.com: API keys",
                "pdl_live_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}"
            ),
            new(
                "Mercado Pago token",
                "mercadopago-token",
                "mercadopago.com developers: APP_USR-",
                "APP_USR-[0-9]{16}-[0-9]{6}-[0-9a-f]{32}-[0-9]{9}"
            ),
            new(
                "Xendit key",
                "xendit-key",
                "docs.xendit.co: xnd_",
                "xnd_production_[A-Za-z0-9]{60}"
            ),
            new(
                "Midtrans key",
                "midtrans-key",
                "GitHub: supported secret scanning patterns, midtrans_production_server_key",
                "Mid-server-[A-Za-z0-9_-]{24}"
            ),
            new("Omise key", "omise-key", "docs.opn.ooo: skey_", "skey_test_[a-z0-9]{19}"),
            new(
                "Polar token",
                "polar-token",
                "GitHub: supported secret scanning patterns, polar_access_token",
                "polar_oat_[A-Za-z0-9]{43}"
            ),
            new(
                "Anthropic key",
                "anthropic-key",
                "gitleaks: config/gitleaks.toml, anthropic-api-key",
                "sk-ant-api03-[A-Za-z0-9_-]{93}AA"
            ),
            new(
                "Anthropic admin key",
                "anthropic-key",
                "gitleaks: config/gitleaks.toml, anthropic-admin-api-key",
                "sk-ant-admin01-[A-Za-z0-9_-]{93}AA"
            ),
            new(
                "OpenAI key",
                "openai-key",
                "gitleaks: config/gitleaks.toml, openai-api-key",
                "sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"
            ),
        ];
}
