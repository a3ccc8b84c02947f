using System.Security.Cryptography;
using System.Text.Json;

namespace Orchestrator.Decisions.Webhooks;

/// <summary>How a host signs and names its deliveries.</summary>
/// <param name="Name">As in the address: <c>github</c>.</param>
/// <param name="SignatureHeader">The header of the signature.</param>
/// <param name="Prefix">What stands before the hex digits.</param>
/// <param name="IdHeader">The header of the delivery's id.</param>
/// <param name="EventHeader">The header of the event's name; empty = it stands in the body.</param>
/// <param name="EventMember">The body's member that names the event; empty = a header does.</param>
/// <param name="TimeMember">The body's member with the instant of sending, Unix milliseconds; empty = the host sends none.</param>
public sealed record InboundSource(
    string Name,
    string SignatureHeader,
    string Prefix,
    string IdHeader,
    string EventHeader,
    string EventMember,
    string TimeMember
)
{
    /// <summary>Deepest nesting of a body's JSON.</summary>
    public const int DepthMax = 64;

    /// <summary>Longest id of a delivery that is taken as it is.</summary>
    public const int IdMax = 200;

    private const int EventMax = 100;

    /// <summary>How far the instant of sending may lie from now, either way: 5 minutes.</summary>
    public static TimeSpan AgeMax { get; } = TimeSpan.FromMinutes(5);

    /// <summary>The hosts that there are.</summary>
    public static IReadOnlyList<InboundSource> All { get; } =
    [
        new(
            "github",
            "X-Hub-Signature-256",
            "sha256=",
            "X-GitHub-Delivery",
            "X-GitHub-Event",
            "",
            ""
        ),
        new("linear", "Linear-Signature", "", "Linear-Delivery", "", "type", "webhookTimestamp"),
        new(
            "jira",
            "X-Hub-Signature",
            "sha256=",
            "X-Atlassian-Webhook-Identifier",
            "",
            "webhookEvent",
            ""
        ),
    ];

    /// <summary>The host of a name, or null.</summary>
    public static InboundSource? Find(string name) => All.FirstOrDefault(s => s.Name == name);

    /// <summary>The id under which a delivery is known: the host's, or where there is no usable one the body's hash.</summary>
    public static string IdOf(string? header, ReadOnlySpan<byte> body) =>
        header is { Length: > 0 and <= IdMax } && header.All(c => c is > ' ' and <= '~')
            ? header
            : "sha256-" + Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>Looks at a body whose signature is right.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="eventHeader">The value of <see cref="EventHeader"/>, if any.</param>
    /// <param name="now">The instant of the look.</param>
    /// <returns>The event's name, or why the body is not taken.</returns>
    public (string Event, string? Problem) Read(
        ReadOnlyMemory<byte> body,
        string? eventHeader,
        DateTimeOffset now
    )
    {
        try
        {
            using var json = JsonDocument.Parse(
                body,
                new JsonDocumentOptions { MaxDepth = DepthMax }
            );
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return ("", "The body is no JSON object.");
            }
            var name =
                EventMember.Length == 0 ? eventHeader
                : json.RootElement.TryGetProperty(EventMember, out var member)
                && member.ValueKind == JsonValueKind.String
                    ? member.GetString()
                : null;
            var clean = new string([
                .. (name ?? "").Where(c => c is > ' ' and <= '~').Take(EventMax),
            ]);
            return (clean, TimeMember.Length == 0 ? null : Late(json.RootElement, now));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ("", $"The body is no JSON of at most {DepthMax} levels.");
        }
    }

    private string? Late(JsonElement root, DateTimeOffset now) =>
        root.TryGetProperty(TimeMember, out var at)
        && at.ValueKind == JsonValueKind.Number
        && at.TryGetInt64(out var sent)
        && Math.Abs((decimal)now.ToUnixTimeMilliseconds() - sent)
            <= (decimal)AgeMax.TotalMilliseconds
            ? null
            : $"'{TimeMember}' is not within {AgeMax.TotalMinutes:0} minutes of this server's clock.";
}
