using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Decisions.Webhooks;

/// <summary>What a delivery of a tickets' host says.</summary>
/// <param name="Event">What happened; null = none of our business.</param>
/// <param name="Reason">Why not; empty otherwise.</param>
public sealed record TicketReading(TicketEvent? Event, string Reason);

/// <summary>Reads deliveries of Linear and Jira.</summary>
public static class TicketWebhookReader
{
    private const int LabelsMax = 50;
    private const int NameMax = 200;
    private const int TitleMax = 500;
    private const int CommentMax = 65_536;
    private const int KeyMax = 100;

    /// <summary>Reads one of Linear's: the types Issue, Comment, IssueLabel on issues, Attachment, Reaction; others are ignored by name.</summary>
    public static TicketReading Linear(string deliveryId, ReadOnlyMemory<byte> body)
    {
        using var json = HookJson.Parse(body);
        if (json is null)
        {
            return Nothing("The body is no JSON object.");
        }
        var root = json.RootElement;
        var (type, told) = (root.Text(50, "type"), root.Text(50, "action"));
        var action = told switch
        {
            "create" => "created",
            "update" => "updated",
            "remove" => "removed",
            _ => "",
        };
        if (action.Length == 0 || type is not ("Issue" or "Comment" or "Attachment"))
        {
            return Nothing($"Nothing here follows Linear's '{type}' with the action '{told}'.");
        }
        var key =
            type == "Issue"
                ? root.Text(KeyMax, "data", "identifier")
                : First(
                    root.Text(KeyMax, "data", "issue", "identifier"),
                    root.Text(KeyMax, "data", "issueId"),
                    root.Text(KeyMax, "data", "issue", "id")
                );
        if (!IsKey(key))
        {
            return Nothing($"Linear's '{type}' names no issue.");
        }
        var comment = type == "Comment";
        return Told(
            new TicketEvent
            {
                Source = "linear",
                TicketKey = "linear:" + key,
                Event = type.ToLowerInvariant(),
                Action = action,
                Actor = First(
                    root.Text(NameMax, "actor", "name"),
                    root.Text(NameMax, "data", "user", "name")
                ),
                ActorId = First(
                    root.Text(NameMax, "actor", "id"),
                    root.Text(NameMax, "data", "userId")
                ),
                Labels = Names(root.List("data", "labels"), l => l.Text(NameMax, "name")),
                Assignee = root.Text(NameMax, "data", "assignee", "name"),
                State = root.Text(NameMax, "data", "state", "name"),
                Title = First(
                    type == "Issue" ? root.Text(TitleMax, "data", "title") : "",
                    root.Text(TitleMax, "data", "issue", "title")
                ),
                Comment = comment ? root.Text(CommentMax, "data", "body") : "",
                CommentId = comment ? root.Text(NameMax, "data", "id") : "",
                WebAddress = Web(root.Text(2_000, "url")),
                At = Instant(root.Text(50, "createdAt")),
                DeliveryId = deliveryId,
            }
        );
    }

    /// <summary>Reads one of Jira's: what names an issue with its key; others are ignored by name.</summary>
    public static TicketReading Jira(string deliveryId, ReadOnlyMemory<byte> body)
    {
        using var json = HookJson.Parse(body);
        if (json is null)
        {
            return Nothing("The body is no JSON object.");
        }
        var root = json.RootElement;
        var name = root.Text(100, "webhookEvent");
        var bare = name.StartsWith("jira:", StringComparison.Ordinal) ? name[5..] : name;
        var cut = bare.LastIndexOf('_');
        var (what, told) = cut > 0 ? (bare[..cut], bare[(cut + 1)..]) : ("", "");
        var action = told switch
        {
            "created" or "updated" => told,
            "deleted" => "removed",
            _ => "",
        };
        var key = root.Text(KeyMax, "issue", "key");
        if (action.Length == 0 || what is not ("issue" or "comment" or "attachment" or "worklog"))
        {
            return Nothing($"Nothing here follows Jira's '{name}'.");
        }
        if (!IsKey(key))
        {
            return Nothing($"Jira's '{name}' names no issue by its key.");
        }
        var comment = what == "comment";
        return Told(
            new TicketEvent
            {
                Source = "jira",
                TicketKey = "jira:" + key,
                Event = what,
                Action = action,
                Actor = First(
                    root.Text(NameMax, "user", "displayName"),
                    root.Text(NameMax, "comment", "author", "displayName")
                ),
                ActorId = First(
                    root.Text(NameMax, "user", "accountId"),
                    root.Text(NameMax, "comment", "author", "accountId")
                ),
                Labels = Names(
                    root.List("issue", "fields", "labels"),
                    l => l.ValueKind == JsonValueKind.String ? l.Text(NameMax) : ""
                ),
                Assignee = root.Text(NameMax, "issue", "fields", "assignee", "displayName"),
                State = root.Text(NameMax, "issue", "fields", "status", "name"),
                Title = root.Text(TitleMax, "issue", "fields", "summary"),
                Comment = comment && root.At("comment", "body") is { } words ? Words(words) : "",
                CommentId = comment ? root.Text(NameMax, "comment", "id") : "",
                WebAddress = Browse(root.Text(2_000, "issue", "self"), key),
                At =
                    root.At("timestamp") is { ValueKind: JsonValueKind.Number } at
                    && at.TryGetInt64(out var ms)
                    && ms is > 0 and < 100_000_000_000_000
                        ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
                        : null,
                DeliveryId = deliveryId,
            }
        );
    }

    private static TicketReading Nothing(string reason) => new(null, reason);

    private static TicketReading Told(TicketEvent told) => new(told, "");

    private static bool IsKey(string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static string First(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (text.Length > 0)
            {
                return text;
            }
        }
        return "";
    }

    private static List<string> Names(
        IEnumerable<JsonElement> list,
        Func<JsonElement, string> name
    ) => [.. list.Select(name).Where(n => n.Length > 0).Take(LabelsMax)];

    private static DateTimeOffset? Instant(string text) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at
        )
            ? at
            : null;

    private static string Web(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? url
            : "";

    // Jira names the place in its own API; people look at another one.
    private static string Browse(string self, string key) =>
        Web(self).Length > 0 ? new Uri(new Uri(self), "/browse/" + key).ToString() : "";

    // A text, or a tree of Atlassian's document format: its texts, a line for each block.
    private static string Words(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.String)
        {
            return body.Text(CommentMax);
        }
        var text = new StringBuilder();
        Gather(body, text);
        return text.ToString().Trim();
    }

    private static void Gather(JsonElement node, StringBuilder text)
    {
        if (text.Length >= CommentMax)
        {
            return;
        }
        text.Append(node.Text(CommentMax - text.Length, "text"));
        foreach (var inner in node.List("content"))
        {
            Gather(inner, text);
        }
        if (node.Text(30, "type") is "paragraph" or "heading" or "listItem" or "hardBreak")
        {
            text.Append('\n');
        }
    }
}
