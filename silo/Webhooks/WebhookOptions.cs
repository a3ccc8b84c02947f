using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Webhooks;

namespace Orchestrator.Silo.Webhooks;

/// <summary>Section <c>Webhooks</c>: which hosts may tell this server something, and whom it tells.</summary>
internal sealed class WebhookOptions
{
    /// <summary>Hosts that may send.</summary>
    public InboundOptions Inbound { get; set; } = new();

    /// <summary>Endpoints that are told of tasks, by name: 1 to 40 lower-case letters, digits and hyphens. At most 100.</summary>
    public Dictionary<string, OutboundOptions> Outbound { get; set; } = [];

    /// <summary>Largest body that is taken, bytes. Default 5,242,880 (5 MiB); GitHub sends up to 26,214,400 (25 MiB). 1,024 to 26,214,400.</summary>
    [Range(1_024, 26_214_400, ErrorMessage = "Webhooks:BodyBytesMax must be 1,024 to 26,214,400")]
    public int BodyBytesMax { get; set; } = 5 * 1024 * 1024;

    /// <summary>Days that settled deliveries and messages are kept; a repeat of an older one is handled as new. Default 30; 1 to 365.</summary>
    [Range(1, 365, ErrorMessage = "Webhooks:KeepDays must be 1 to 365")]
    public int KeepDays { get; set; } = 30;

    /// <summary>Deliveries, and messages, that are kept at most, whatever their age; what waits is never removed. Default 100,000; 1,000 to 10,000,000.</summary>
    [Range(1_000, 10_000_000, ErrorMessage = "Webhooks:KeepRowsMax must be 1,000 to 10,000,000")]
    public int KeepRowsMax { get; set; } = 100_000;
}

/// <summary>The hosts.</summary>
internal sealed class InboundOptions
{
    /// <summary>GitHub.</summary>
    public SourceOptions GitHub { get; set; } = new();

    /// <summary>Linear.</summary>
    public SourceOptions Linear { get; set; } = new();

    /// <summary>Jira.</summary>
    public SourceOptions Jira { get; set; } = new();

    /// <summary>The options of a host by its name in the address.</summary>
    public SourceOptions Of(string source) =>
        source switch
        {
            "github" => GitHub,
            "linear" => Linear,
            "jira" => Jira,
            _ => throw new ArgumentOutOfRangeException(nameof(source), source, "no such host"),
        };
}

/// <summary>A host's secrets.</summary>
internal sealed class SourceOptions
{
    /// <summary>The secret that the host signs with, 16 characters at least; empty = the door is closed.</summary>
    [RegularExpression("^$|^.{16,500}$", ErrorMessage = "{0} must have 16 to 500 characters")]
    public string Secret { get; set; } = "";

    /// <summary>A second one that is taken as well, while the secret is changed; empty = none.</summary>
    [RegularExpression("^$|^.{16,500}$", ErrorMessage = "{0} must have 16 to 500 characters")]
    public string PreviousSecret { get; set; } = "";

    /// <summary>Those that are set.</summary>
    public IReadOnlyList<string> All() =>
        Secret.Length == 0 ? [] : [.. new[] { Secret, PreviousSecret }.Where(s => s.Length > 0)];
}

/// <summary>An endpoint that is told of tasks, by Standard Webhooks.</summary>
internal sealed class OutboundOptions
{
    /// <summary>Where to: an https address without user and password. Empty = the endpoint is off.</summary>
    [StringLength(2_000)]
    public string Url { get; set; } = "";

    /// <summary>What messages are signed with: <c>whsec_</c> and the base64 of 24 to 64 random bytes.</summary>
    [StringLength(200)]
    public string Secret { get; set; } = "";

    /// <summary>Signed with this one as well while the secret is changed; empty = none.</summary>
    [StringLength(200)]
    public string PreviousSecret { get; set; } = "";

    /// <summary>Types of events that it wants, <c>task.done</c> or <c>task.pull_request_*</c>; none = all.</summary>
    public List<string> Events { get; set; } = [];

    /// <summary>Host names or addresses of networks that are not public which may be sent to, exactly as in the address; none = public addresses only.</summary>
    public List<string> AllowPrivate { get; set; } = [];

    /// <summary>True: http is taken as well. Default: false.</summary>
    public bool AllowPlaintext { get; set; }
}

/// <summary>What one key of the section cannot show by itself.</summary>
internal sealed class WebhookOptionsRules : IValidateOptions<WebhookOptions>
{
    private const int EndpointsMax = 100;
    private const int NameMax = 40;

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new List<string>();
        if (options.Outbound.Count > EndpointsMax)
        {
            problems.Add($"Webhooks:Outbound has more than {EndpointsMax} endpoints.");
        }
        foreach (var (endpoint, o) in options.Outbound)
        {
            problems.AddRange(Problems("Webhooks:Outbound:" + endpoint, endpoint, o));
        }
        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(string key, string name, OutboundOptions o)
    {
        if (
            name.Length > NameMax
            || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        )
        {
            yield return $"{key}: a name has 1 to {NameMax} lower-case letters, digits and hyphens. Rename it.";
        }
        if (o.Url.Length == 0)
        {
            yield break;
        }
        if (
            !Uri.TryCreate(o.Url, UriKind.Absolute, out var url)
            || url.UserInfo.Length > 0
            || !(
                url.Scheme == Uri.UriSchemeHttps
                || (o.AllowPlaintext && url.Scheme == Uri.UriSchemeHttp)
            )
        )
        {
            yield return $"{key}:Url must be an https address without user and password (http only with AllowPlaintext).";
        }
        if (WebhookSignature.Key(o.Secret) is null)
        {
            yield return $"{key}:Secret must be 'whsec_' and the base64 of 24 to 64 bytes, e.g. from: openssl rand -base64 32.";
        }
        if (o.PreviousSecret.Length > 0 && WebhookSignature.Key(o.PreviousSecret) is null)
        {
            yield return $"{key}:PreviousSecret must be 'whsec_' and the base64 of 24 to 64 bytes.";
        }
        foreach (
            var wanted in o.Events.Where(e =>
                !OutboundText.Types.Any(t => OutboundText.Wants([e], t))
            )
        )
        {
            yield return $"{key}:Events names '{(wanted.Length > 60 ? wanted[..60] : wanted)}', which is no event. Known: {string.Join(", ", OutboundText.Types)}.";
        }
    }
}
