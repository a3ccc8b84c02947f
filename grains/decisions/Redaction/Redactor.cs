using System.Text.RegularExpressions;

namespace Orchestrator.Decisions.Redaction;

/// <summary>A secret that was seen.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Start">Place in the text.</param>
/// <param name="Length">Characters.</param>
public sealed record RedactionFinding(string Rule, int Start, int Length);

/// <summary>
/// The one redactor in front of every sink. Rules are listed in docs/redaction.md. Linear in the text (expressions do not
/// backtrack), idempotent: what it writes matches none of its rules.
/// </summary>
public sealed partial class Redactor
{
    private const int LiteralMin = 8;
    private readonly (string Rule, Regex Expression)[] rules;
    private readonly string[] literals;

    /// <param name="literals">Values known to be secret, such as the agent's key; shorter than 8 characters are ignored.</param>
    public Redactor(IEnumerable<string> literals)
    {
        this.literals =
        [
            .. literals.Where(l => l.Length >= LiteralMin).Distinct(StringComparer.Ordinal),
        ];
        rules =
        [
            ("private-key", PrivateKey()),
            ("aws-key", AwsKey()),
            ("github-token", GitHubToken()),
            ("gitlab-token", GitLabToken()),
            ("slack-token", SlackToken()),
            ("anthropic-key", AnthropicKey()),
            ("openai-key", OpenAiKey()),
            ("google-key", GoogleKey()),
            ("stripe-key", StripeKey()),
            ("npm-token", NpmToken()),
            ("telegram-token", TelegramToken()),
            ("orchestrator-token", OwnToken()),
            ("sendgrid-key", SendGridKey()),
            ("jwt", Jwt()),
            ("bearer", Bearer()),
            ("url-password", UrlPassword()),
            ("connection-string", ConnectionString()),
            ("assignment", Assignment()),
        ];
    }

    /// <summary>The text without its secrets: <c>[redacted:RULE]</c> stands in their place.</summary>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var literal in literals)
        {
            text = text.Replace(literal, "[redacted:literal]", StringComparison.Ordinal);
        }
        foreach (var (rule, expression) in rules)
        {
            text = expression.Replace(text, m => Replace(m, rule));
        }
        return text;
    }

    /// <summary>The secrets of a text, at most <paramref name="max"/>, in order of rules.</summary>
    public IReadOnlyList<RedactionFinding> Find(string text, int max)
    {
        ArgumentNullException.ThrowIfNull(text);
        var findings = new List<RedactionFinding>();
        foreach (var literal in literals)
        {
            var at = text.IndexOf(literal, StringComparison.Ordinal);
            if (at >= 0 && findings.Count < max)
            {
                findings.Add(new RedactionFinding("literal", at, literal.Length));
            }
        }
        foreach (var (rule, expression) in rules)
        {
            foreach (var match in expression.Matches(text).Where(IsSecret))
            {
                if (findings.Count >= max)
                {
                    return findings;
                }
                findings.Add(new RedactionFinding(rule, match.Index, match.Length));
            }
        }
        return findings;
    }

    private static string Replace(Match match, string rule)
    {
        if (!IsSecret(match))
        {
            return match.Value;
        }
        var secret = match.Groups["s"];
        var mark = $"[redacted:{rule}]";
        return secret.Success
            ? string.Concat(
                match.Value.AsSpan(0, secret.Index - match.Index),
                mark,
                match.Value.AsSpan(secret.Index - match.Index + secret.Length)
            )
            : mark;
    }

    // Named values must look random: words, placeholders, references and calls are left alone.
    private static bool IsSecret(Match match)
    {
        var secret = match.Groups["s"];
        if (!secret.Success)
        {
            return true;
        }
        var value = secret.Value;
        if (
            value.StartsWith("[redacted", StringComparison.Ordinal)
            || value.StartsWith('<')
            || value.StartsWith('$')
            || value.StartsWith('{')
        )
        {
            return false;
        }
        return !match.Groups["e"].Success || Entropy(value) >= 3.0 && value.Any(char.IsDigit);
    }

    private static double Entropy(string value)
    {
        var entropy = 0.0;
        foreach (var group in value.GroupBy(c => c))
        {
            var share = group.Count() / (double)value.Length;
            entropy -= share * Math.Log2(share);
        }
        return entropy;
    }

    private const RegexOptions Linear =
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    private const RegexOptions LinearAnyCase = Linear | RegexOptions.IgnoreCase;

    [GeneratedRegex(
        @"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s\\:,\-]*-----END [A-Z ]{0,30}PRIVATE KEY-----",
        Linear
    )]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"\b(AKIA|ASIA)[A-Z0-9]{16}\b", Linear)]
    private static partial Regex AwsKey();

    [GeneratedRegex(@"\b(gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b", Linear)]
    private static partial Regex GitHubToken();

    [GeneratedRegex(@"\bglpat-[A-Za-z0-9_\-]{20,64}", Linear)]
    private static partial Regex GitLabToken();

    [GeneratedRegex(@"\bxox[abposr]-[A-Za-z0-9\-]{10,120}", Linear)]
    private static partial Regex SlackToken();

    [GeneratedRegex(@"\bsk-ant-[A-Za-z0-9_\-]{16,200}", Linear)]
    private static partial Regex AnthropicKey();

    [GeneratedRegex(@"\bsk-(proj-|svcacct-)?[A-Za-z0-9_\-]{32,200}", Linear)]
    private static partial Regex OpenAiKey();

    [GeneratedRegex(@"\bAIza[A-Za-z0-9_\-]{35}", Linear)]
    private static partial Regex GoogleKey();

    [GeneratedRegex(@"\b[sr]k_(live|test)_[A-Za-z0-9]{16,120}", Linear)]
    private static partial Regex StripeKey();

    [GeneratedRegex(@"\bnpm_[A-Za-z0-9]{36}\b", Linear)]
    private static partial Regex NpmToken();

    [GeneratedRegex(@"\b[0-9]{8,10}:[A-Za-z0-9_\-]{35}\b", Linear)]
    private static partial Regex TelegramToken();

    [GeneratedRegex(@"\borc_[A-Za-z0-9_\-]{43}", Linear)]
    private static partial Regex OwnToken();

    [GeneratedRegex(@"\bSG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}", Linear)]
    private static partial Regex SendGridKey();

    [GeneratedRegex(
        @"\beyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}",
        Linear
    )]
    private static partial Regex Jwt();

    [GeneratedRegex(@"\b(Bearer|Basic)\s+(?<s>[A-Za-z0-9+/._~\-]{16,}=*)", LinearAnyCase)]
    private static partial Regex Bearer();

    [GeneratedRegex(
        @"\b[a-z][a-z0-9+.\-]{1,20}://[^\s:/@'""]{1,100}:(?<s>[^\s/@'""]{3,200})@",
        LinearAnyCase
    )]
    private static partial Regex UrlPassword();

    [GeneratedRegex(
        @"\b(password|pwd|accountkey|sharedaccesskey)\s*=\s*(?<s>[^;\s'""<>{}$]{6,200});",
        LinearAnyCase
    )]
    private static partial Regex ConnectionString();

    [GeneratedRegex(
        @"(secret|token|password|passwd|api[_\-]?key|access[_\-]?key|credential)[a-z0-9_\-]{0,20}\\?[""']?\s*(=|:|:=|=>)\s*\\?[""']?(?<s>(?<e>[A-Za-z0-9+/=_\-.!@#%^*]{16,200}))",
        LinearAnyCase
    )]
    private static partial Regex Assignment();
}
