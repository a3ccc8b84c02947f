using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tickets;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Tickets;

/// <summary>Linear by its GraphQL API.</summary>
internal sealed partial class LinearTickets : ITicketHost, IDisposable
{
    private const int PagesMax = 4;
    private readonly TicketWire wire;
    private readonly Uri address;

    public LinearTickets(
        IOptions<LinearTicketOptions> options,
        TimeProvider time,
        Redactor redactor
    )
    {
        var settings = options.Value;
        Rules = settings.RulesFor(Kind, LinearTicketOptions.Section);
        address = new Uri(settings.Address, UriKind.Absolute);
        wire = new TicketWire(
            LinearTicketOptions.Section,
            settings,
            // A personal key stands alone, an OAuth token is a bearer's.
            settings.Token.StartsWith("lin_api_", StringComparison.Ordinal)
                ? new AuthenticationHeaderValue(settings.Token)
                : new AuthenticationHeaderValue("Bearer", settings.Token),
            time,
            redactor
        );
    }

    /// <inheritdoc />
    public string Kind => "linear";

    /// <inheritdoc />
    public TicketRules Rules { get; }

    /// <inheritdoc />
    public void Dispose() => wire.Dispose();

    /// <inheritdoc />
    public async Task<TicketView> ReadAsync(
        string reference,
        bool changes,
        CancellationToken cancellationToken
    )
    {
        var (view, _, _, _) = await IssueAsync(reference, cancellationToken);
        if (!changes)
        {
            return view;
        }
        var answer = await AskAsync(
            Changes,
            new JsonObject { ["id"] = reference },
            $"the history of {reference}",
            cancellationToken
        );
        return view with
        {
            Changes =
            [
                .. TicketJson
                    .Items(answer, "issue", "history", "nodes")
                    .OrderBy(n => TicketJson.Text(n, "createdAt"), StringComparer.Ordinal)
                    .Select(n => new TicketChange(
                        PersonOf(TicketJson.At(n, "actor")),
                        [
                            .. TicketJson
                                .Items(n, "addedLabels")
                                .Select(l => TicketJson.Text(l, "name")),
                        ],
                        TicketJson.Text(n, "toAssignee", "id")
                    )),
            ],
        };
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TicketListed>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, TicketListed>(StringComparer.Ordinal);
        if (Rules.Label.Length > 0)
        {
            await ListAsync(
                new JsonObject
                {
                    ["labels"] = new JsonObject
                    {
                        ["some"] = new JsonObject
                        {
                            ["name"] = new JsonObject { ["eqIgnoreCase"] = Rules.Label },
                        },
                    },
                },
                found,
                cancellationToken
            );
        }
        if (Rules.Assignee.Length > 0)
        {
            await ListAsync(
                new JsonObject
                {
                    ["assignee"] = new JsonObject
                    {
                        [Rules.Assignee.Contains('@', StringComparison.Ordinal) ? "email" : "id"] =
                            new JsonObject { ["eq"] = Rules.Assignee },
                    },
                },
                found,
                cancellationToken
            );
        }
        return [.. found.Values];
    }

    /// <inheritdoc />
    public async Task KeepCommentAsync(
        string key,
        string marker,
        string text,
        CancellationToken cancellationToken
    )
    {
        var (view, id, _, next) = await IssueAsync(key, cancellationToken);
        var there = view.Comments.FirstOrDefault(c => c.Ours && TicketNote.IsOf(c.Text, marker));
        for (
            var page = 1;
            page < TicketWire.CommentPagesMax && there is null && next.Length > 0;
            page++
        )
        {
            var answer = await AskAsync(
                Comments,
                new JsonObject { ["id"] = key, ["after"] = next },
                $"the comments of {key}",
                cancellationToken
            );
            there = CommentsOf(answer)
                .FirstOrDefault(c => c.Ours && TicketNote.IsOf(c.Text, marker));
            next = NextOf(answer);
        }
        text = MarkdownText.Write(text, marker);
        if (there is null)
        {
            await AskAsync(
                Say,
                Input(new JsonObject { ["issueId"] = id, ["body"] = text }),
                $"a comment on {key}",
                cancellationToken
            );
        }
        else if (there.Text.ReplaceLineEndings("\n").Trim() != text.Trim())
        {
            var input = Input(new JsonObject { ["body"] = text });
            input["id"] = there.Id;
            await AskAsync(SayAgain, input, $"our comment on {key}", cancellationToken);
        }
    }

    /// <inheritdoc />
    public async Task MoveAsync(string key, string state, CancellationToken cancellationToken)
    {
        var (view, id, team, _) = await IssueAsync(key, cancellationToken);
        if (view.State.Equals(state, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }
        var states = TicketJson
            .Items(
                await AskAsync(
                    States,
                    new JsonObject { ["id"] = team },
                    $"the states of {key}",
                    cancellationToken
                ),
                "team",
                "states",
                "nodes"
            )
            .ToList();
        var to = states.FirstOrDefault(s =>
            TicketJson.Text(s, "name").Equals(state, StringComparison.OrdinalIgnoreCase)
        );
        if (to is null)
        {
            throw new TicketHostException(
                TicketHostError.Refused,
                $"The team of {key} has no state '{wire.Words(state)}' (Tickets:Linear). It has: {wire.Words(string.Join(", ", states.Select(s => TicketJson.Text(s, "name"))))}."
            );
        }
        var input = Input(new JsonObject { ["stateId"] = TicketJson.Text(to, "id") });
        input["id"] = id;
        await AskAsync(Move, input, $"{key} to {state}", cancellationToken);
    }

    /// <inheritdoc />
    public async Task LinkAsync(
        string key,
        string address,
        string title,
        CancellationToken cancellationToken
    )
    {
        var (_, id, _, _) = await IssueAsync(key, cancellationToken);
        // Linear keeps one attachment per issue and address: the same again brings its title up to date.
        await AskAsync(
            Link,
            Input(
                new JsonObject
                {
                    ["issueId"] = id,
                    ["url"] = address,
                    ["title"] = title,
                }
            ),
            $"a link on {key}",
            cancellationToken
        );
    }

    private static JsonObject Input(JsonObject input) => new() { ["input"] = input };

    private static TicketPerson? PersonOf(JsonNode? node) =>
        TicketJson.Text(node, "id") is { Length: > 0 } id
            ? new TicketPerson(
                id,
                TicketJson.Text(node, "email"),
                TicketJson.Text(node, "displayName") is { Length: > 0 } shown
                    ? shown
                    : TicketJson.Text(node, "name")
            )
            : null;

    private static bool IsClosed(string type) => type is "completed" or "canceled";

    private static List<TicketComment> CommentsOf(JsonNode? answer)
    {
        var own = TicketJson.Text(answer, "viewer", "id");
        return
        [
            .. TicketJson
                .Items(answer, "issue", "comments", "nodes")
                .OrderBy(c => TicketJson.Text(c, "createdAt"), StringComparer.Ordinal)
                .Select(c => new TicketComment(
                    TicketJson.Text(c, "id"),
                    PersonOf(TicketJson.At(c, "user")),
                    TicketJson.Text(c, "body"),
                    own.Length > 0 && TicketJson.Text(c, "user", "id") == own
                )),
        ];
    }

    private static string NextOf(JsonNode? answer) =>
        TicketJson.Flag(answer, "issue", "comments", "pageInfo", "hasNextPage")
            ? TicketJson.Text(answer, "issue", "comments", "pageInfo", "endCursor")
            : "";

    private async Task<(TicketView View, string Id, string Team, string Next)> IssueAsync(
        string reference,
        CancellationToken cancellationToken
    )
    {
        var answer = await AskAsync(
            Issue,
            new JsonObject { ["id"] = reference },
            $"ticket {reference}",
            cancellationToken
        );
        var issue = TicketJson.At(answer, "issue");
        var key = TicketJson.Text(issue, "identifier");
        if (!TicketKeys.IsKey(key))
        {
            throw new TicketHostException(
                TicketHostError.NotFound,
                $"{wire.Host} has no ticket {reference}, or the token may not see it."
            );
        }
        return (
            new TicketView
            {
                Key = key,
                Title = TicketJson.Text(issue, "title"),
                Description = TicketJson.Text(issue, "description"),
                WebAddress = TicketJson.Text(issue, "url"),
                State = TicketJson.Text(issue, "state", "name"),
                Closed = IsClosed(TicketJson.Text(issue, "state", "type")),
                Labels =
                [
                    .. TicketJson
                        .Items(issue, "labels", "nodes")
                        .Select(l => TicketJson.Text(l, "name")),
                ],
                Assignee = PersonOf(TicketJson.At(issue, "assignee")),
                Creator = PersonOf(TicketJson.At(issue, "creator")),
                Comments = CommentsOf(answer),
            },
            TicketJson.Text(issue, "id"),
            TicketJson.Text(issue, "team", "id"),
            NextOf(answer)
        );
    }

    private async Task ListAsync(
        JsonObject filter,
        Dictionary<string, TicketListed> found,
        CancellationToken cancellationToken
    )
    {
        filter["state"] = new JsonObject
        {
            ["type"] = new JsonObject { ["nin"] = new JsonArray("completed", "canceled") },
        };
        var after = "";
        for (var page = 0; page < PagesMax; page++)
        {
            var answer = await AskAsync(
                List,
                new JsonObject
                {
                    ["filter"] = filter.DeepClone(),
                    ["after"] = after.Length > 0 ? after : null,
                },
                "tickets",
                cancellationToken
            );
            foreach (var node in TicketJson.Items(answer, "issues", "nodes"))
            {
                var key = TicketJson.Text(node, "identifier");
                if (TicketKeys.IsKey(key) && !IsClosed(TicketJson.Text(node, "state", "type")))
                {
                    found[key] = new TicketListed(key, TicketJson.Text(node, "updatedAt"));
                }
            }
            after = TicketJson.Text(answer, "issues", "pageInfo", "endCursor");
            if (!TicketJson.Flag(answer, "issues", "pageInfo", "hasNextPage") || after.Length == 0)
            {
                return;
            }
        }
    }
}
