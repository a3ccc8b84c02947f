namespace Orchestrator.UnitTests.Redaction.Corpus;

internal static partial class TokenKinds
{
    private static TokenKind[] Models =>
        [
            new(
                "OpenAI project key",
                "openai-key",
                "gitleaks: config/gitleaks.toml, openai-api-key",
                "sk-proj-[A-Za-z0-9_-]{74}T3BlbkFJ[A-Za-z0-9_-]{74}"
            ),
            new(
                "OpenRouter key",
                "openrouter-key",
                "openrouter.ai docs: sk-or-v1-",
                "sk-or-v1-[0-9a-f]{64}"
            ),
            new(
                "Langfuse key",
                "langfuse-key",
                "langfuse.com docs: sk-lf-",
                "sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
            ),
            new(
                "DeepSeek key",
                "deepseek-key",
                "GitHub: supported secret scanning patterns, deepseek_api_key",
                "sk-[0-9a-f]{32}"
            ),
            new(
                "Groq key",
                "groq-key",
                "GitHub: supported secret scanning patterns, groq_api_key",
                "gsk_[A-Za-z0-9]{52}"
            ),
            new(
                "Replicate token",
                "replicate-token",
                "GitHub: supported secret scanning patterns, replicate_api_token",
                "r8_[A-Za-z0-9]{37}"
            ),
            new(
                "Perplexity key",
                "perplexity-key",
                "gitleaks: config/gitleaks.toml, perplexity-api-key",
                "pplx-[A-Za-z0-9]{48}"
            ),
            new(
                "xAI key",
                "xai-key",
                "GitHub: supported secret scanning patterns, xai_api_key",
                "xai-[A-Za-z0-9]{80}"
            ),
            new(
                "ElevenLabs key",
                "elevenlabs-key",
                "GitHub: supported secret scanning patterns, elevenlabs_api_key",
                "sk_[0-9a-f]{48}"
            ),
            new(
                "LangSmith key",
                "langsmith-key",
                "GitHub: supported secret scanning patterns, langchain_api_key",
                "lsv2_pt_[0-9a-f]{32}_[0-9a-f]{10}"
            ),
            new(
                "Pinecone key",
                "pinecone-key",
                "GitHub: supported secret scanning patterns, pinecone_api_key",
                "pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{63}"
            ),
            new(
                "Together key",
                "together-key",
                "docs.together.ai: tgp_v1_",
                "tgp_v1_[A-Za-z0-9_-]{43}"
            ),
            new(
                "Fireworks key",
                "fireworks-key",
                "GitHub: supported secret scanning patterns, fireworks_ai_api_key",
                "fw_[A-Za-z0-9]{24}"
            ),
            new("NVIDIA key", "nvidia-key", "docs.nvidia.com: nvapi-", "nvapi-[A-Za-z0-9_-]{64}"),
            new("Tavily key", "tavily-key", "docs.tavily.com: tvly-", "tvly-dev-[A-Za-z0-9]{32}"),
            new("Firecrawl key", "firecrawl-key", "docs.firecrawl.dev: fc-", "fc-[0-9a-f]{32}"),
            new(
                "Jina key",
                "jina-key",
                "jina.ai docs: jina_",
                "jina_[0-9a-f]{32}[A-Za-z0-9_-]{28}"
            ),
            new(
                "Cerebras key",
                "cerebras-key",
                "inference-docs.cerebras.ai: csk-",
                "csk-[a-z0-9]{48}"
            ),
            new(
                "Apify token",
                "apify-token",
                "GitHub: supported secret scanning patterns, apify_actor_run_api_token",
                "apify_api_[A-Za-z0-9]{36}"
            ),
            new("E2B key", "e2b-key", "e2b.dev docs: e2b_", "e2b_[0-9a-f]{40}"),
            new(
                "LlamaCloud key",
                "llamacloud-key",
                "docs.cloud.llamaindex.ai: llx-",
                "llx-[A-Za-z0-9]{48}"
            ),
            new(
                "Hugging Face token",
                "huggingface-token",
                "gitleaks: config/gitleaks.toml, huggingface-access-token",
                "hf_[A-Za-z]{34}"
            ),
            new(
                "Hugging Face organisation token",
                "huggingface-token",
                "gitleaks: config/gitleaks.toml, huggingface-organization-api-token",
                "api_org_[A-Za-z]{34}"
            ),
            new("Modal token secret", "modal-token", "modal.com docs: as-", "as-[A-Za-z0-9]{22}"),
            new("RunPod key", "runpod-key", "docs.runpod.io: rpa_", "rpa_[A-Z0-9]{40}[a-z0-9]{6}"),
            new(
                "Weights and Biases key",
                "wandb-key",
                "docs.wandb.ai: wandb_v1_",
                "wandb_v1_[A-Za-z0-9]{27}_[A-Za-z0-9]{49}"
            ),
            new(
                "Cohere key",
                "assignment",
                "gitleaks: config/gitleaks.toml, cohere-api-token: 40, no prefix",
                "[A-Za-z0-9]{40}",
                "COHERE_API_KEY=@@"
            ),
            new(
                "Mistral key",
                "assignment",
                "docs.mistral.ai: 32, no prefix",
                "[A-Za-z0-9]{32}",
                "\"mistral_api_key\": \"@@\""
            ),
        ];
}
