using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tickets;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Tickets;

/// <summary>Jira by its REST API, version 3.</summary>
internal sealed class JiraTickets : ITicketHost, IDisposable
{
    private const int PageSize = 100;
    private const int ListMax = 200;
    private readonly TicketWire wire;
    private readonly Uri api;
    private readonly string web;
    private string own = "";

    public JiraTickets(IOptions<JiraTicketOptions> options, TimeProvider time, Redactor redactor)
    {
        var settings = options.Value;
        Rules = settings.RulesFor(Kind, JiraTicketOptions.Section);
        web = settings.Address.TrimEnd('/');
        api = new Uri(web + "/rest/api/3/", UriKind.Absolute);
        wire = new TicketWire(
            JiraTicketOptions.Section,
            settings,
            settings.User.Length > 0
                ? new AuthenticationHeaderValue(
                    "Basic",
                    Convert.ToBase64String(
                        Encoding.UTF8.GetBytes($"{settings.User}:{settings.Token}")
                    )
                )
                : new AuthenticationHeaderValue("Bearer", settings.Token),
            time,
            redactor
        );
    }

    /// <inheritdoc />
    public string Kind => "jira";

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
        var issue = await AskAsync(
            HttpMethod.Get,
            $"issue/{reference}?fields=summary,description,labels,assignee,creator,status"
                + (changes ? "&expand=changelog" : ""),
            null,
            $"ticket {reference}",
            cancellationToken
        );
        var key = TicketJson.Text(issue, "key");
        var fields = TicketJson.At(issue, "fields");
        return TicketKeys.IsKey(key)
            ? new TicketView
            {
                Key = key,
                Title = TicketJson.Text(fields, "summary"),
                Description = Adf(TicketJson.At(fields, "description")),
                WebAddress = $"{web}/browse/{key}",
                State = TicketJson.Text(fields, "status", "name"),
                Closed = TicketJson.Text(fields, "status", "statusCategory", "key") == "done",
                Labels = [.. TicketJson.Items(fields, "labels").Select(l => TicketJson.Text(l))],
                Assignee = PersonOf(TicketJson.At(fields, "assignee")),
                Creator = PersonOf(TicketJson.At(fields, "creator")),
                Changes = ChangesOf(issue),
                Comments = await CommentsAsync(key, 0, cancellationToken),
            }
            : throw new TicketHostException(
                TicketHostError.NotFound,
                $"{wire.Host} has no ticket {reference}."
            );
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TicketListed>> ListAsync(CancellationToken cancellationToken)
    {
        var wanted = new List<string>();
        if (Rules.Label.Length > 0)
        {
            wanted.Add($"labels = {Quoted(Rules.Label)}");
        }
        if (Rules.Assignee.Length > 0)
        {
            wanted.Add($"assignee = {Quoted(Rules.Assignee)}");
        }
        if (wanted.Count == 0)
        {
            return [];
        }
        var found = new List<TicketListed>();
        var next = "";
        do
        {
            var body = new JsonObject
            {
                ["jql"] =
                    $"({string.Join(" OR ", wanted)}) AND statusCategory != Done ORDER BY updated DESC",
                ["fields"] = new JsonArray("updated"),
                ["maxResults"] = PageSize,
            };
            if (next.Length > 0)
            {
                body["nextPageToken"] = next;
            }
            var answer = await AskAsync(
                HttpMethod.Post,
                "search/jql",
                body,
                "tickets",
                cancellationToken
            );
            found.AddRange(
                TicketJson
                    .Items(answer, "issues")
                    .Where(i => TicketKeys.IsKey(TicketJson.Text(i, "key")))
                    .Select(i => new TicketListed(
                        TicketJson.Text(i, "key"),
                        TicketJson.Text(i, "fields", "updated")
                    ))
            );
            next = TicketJson.Text(answer, "nextPageToken");
        } while (next.Length > 0 && found.Count < ListMax);
        return found;
    }

    /// <inheritdoc />
    public async Task KeepCommentAsync(
        string key,
        string marker,
        string text,
        CancellationToken cancellationToken
    )
    {
        TicketComment? there = null;
        for (var page = 0; page < TicketWire.CommentPagesMax && there is null; page++)
        {
            var comments = await CommentsAsync(key, page, cancellationToken);
            there = comments.FirstOrDefault(c => c.Ours && TicketNote.IsOf(c.Text, marker));
            if (comments.Count < PageSize)
            {
                break;
            }
        }
        if (there is not null && there.Text == AdfText.Read(Element(AdfText.Write(text))))
        {
            return;
        }
        await AskAsync(
            there is null ? HttpMethod.Post : HttpMethod.Put,
            $"issue/{key}/comment" + (there is null ? "" : "/" + Uri.EscapeDataString(there.Id)),
            new JsonObject { ["body"] = AdfText.Write(text) },
            $"a comment on {key}",
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async Task MoveAsync(string key, string state, CancellationToken cancellationToken)
    {
        var issue = await AskAsync(
            HttpMethod.Get,
            $"issue/{key}?fields=status",
            null,
            $"ticket {key}",
            cancellationToken
        );
        if (
            TicketJson
                .Text(issue, "fields", "status", "name")
                .Equals(state, StringComparison.OrdinalIgnoreCase)
        )
        {
            return;
        }
        var ways = TicketJson
            .Items(
                await AskAsync(
                    HttpMethod.Get,
                    $"issue/{key}/transitions",
                    null,
                    $"the transitions of {key}",
                    cancellationToken
                ),
                "transitions"
            )
            .ToList();
        var way = ways.FirstOrDefault(w =>
            TicketJson.Text(w, "to", "name").Equals(state, StringComparison.OrdinalIgnoreCase)
        );
        if (way is null)
        {
            throw new TicketHostException(
                TicketHostError.Refused,
                $"{key} cannot be moved to '{wire.Words(state)}' from where it is (Tickets:Jira). It can go to: {wire.Words(string.Join(", ", ways.Select(w => TicketJson.Text(w, "to", "name"))))}."
            );
        }
        await AskAsync(
            HttpMethod.Post,
            $"issue/{key}/transitions",
            new JsonObject
            {
                ["transition"] = new JsonObject { ["id"] = TicketJson.Text(way, "id") },
            },
            $"{key} to {state}",
            cancellationToken
        );
    }

    /// <inheritdoc />
    public Task LinkAsync(
        string key,
        string address,
        string title,
        CancellationToken cancellationToken
    ) =>
        // The global id makes it one link: the same again brings it up to date.
        AskAsync(
            HttpMethod.Post,
            $"issue/{key}/remotelink",
            new JsonObject
            {
                ["globalId"] = "orchestrator=" + address,
                ["object"] = new JsonObject { ["url"] = address, ["title"] = title },
            },
            $"a link on {key}",
            cancellationToken
        );

    private static string Quoted(string text) =>
        '"'
        + text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
        + '"';

    private static string Adf(JsonNode? document) =>
        document is null ? "" : AdfText.Read(Element(document));

    private static JsonElement Element(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }

    private static TicketPerson? PersonOf(JsonNode? node) =>
        TicketJson.Text(node, "accountId") is { Length: > 0 } id
            ? new TicketPerson(
                id,
                TicketJson.Text(node, "emailAddress"),
                TicketJson.Text(node, "displayName")
            )
            : null;

    private static List<TicketChange> ChangesOf(JsonNode? issue) =>
        [
            .. TicketJson
                .Items(issue, "changelog", "histories")
                .OrderBy(h => TicketJson.Text(h, "created"), StringComparer.Ordinal)
                .SelectMany(h =>
                    TicketJson
                        .Items(h, "items")
                        .Select(i => new TicketChange(
                            PersonOf(TicketJson.At(h, "author")),
                            TicketJson.Text(i, "field") == "labels" ? Added(i) : [],
                            TicketJson.Text(i, "field") == "assignee"
                                ? TicketJson.Text(i, "to")
                                : ""
                        ))
                ),
        ];

    // The whole list before and after, with blanks between.
    private static List<string> Added(JsonNode? item) =>
        [
            .. TicketJson
                .Text(item, "toString")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Except(
                    TicketJson.Text(item, "fromString").Split(' '),
                    StringComparer.OrdinalIgnoreCase
                ),
        ];

    // Page 0 holds the newest; within a page the oldest come first.
    private async Task<IReadOnlyList<TicketComment>> CommentsAsync(
        string key,
        int page,
        CancellationToken cancellationToken
    )
    {
        if (own.Length == 0)
        {
            own = TicketJson.Text(
                await AskAsync(
                    HttpMethod.Get,
                    "myself",
                    null,
                    "whose the token is",
                    cancellationToken
                ),
                "accountId"
            );
        }
        var answer = await AskAsync(
            HttpMethod.Get,
            $"issue/{key}/comment?orderBy=-created&startAt={page * PageSize}&maxResults={PageSize}",
            null,
            $"the comments of {key}",
            cancellationToken
        );
        return
        [
            .. TicketJson
                .Items(answer, "comments")
                .Select(c => new TicketComment(
                    TicketJson.Text(c, "id"),
                    PersonOf(TicketJson.At(c, "author")),
                    Adf(TicketJson.At(c, "body")),
                    own.Length > 0 && TicketJson.Text(c, "author", "accountId") == own
                ))
                .Reverse(),
        ];
    }

    private async Task<JsonNode?> AskAsync(
        HttpMethod method,
        string path,
        JsonNode? body,
        string what,
        CancellationToken cancellationToken
    )
    {
        var answer = await wire.AskAsync(method, new Uri(api, path), body, what, cancellationToken);
        if ((int)answer.Status is >= 200 and < 300)
        {
            return answer.Body;
        }
        var words = wire.Words(
            string.Join(
                "; ",
                TicketJson
                    .Items(answer.Body, "errorMessages")
                    .Select(m => TicketJson.Text(m))
                    .Concat(
                        (TicketJson.At(answer.Body, "errors") as JsonObject ?? []).Select(e =>
                            $"{e.Key}: {TicketJson.Text(e.Value)}"
                        )
                    )
            )
        );
        throw answer.Status switch
        {
            HttpStatusCode.Unauthorized => new TicketHostException(
                TicketHostError.Unauthorised,
                $"{wire.Host} does not accept the token ({what}: {words}). Check Tickets:Jira:User and Tickets:Jira:Token."
            ),
            HttpStatusCode.Forbidden => new TicketHostException(
                TicketHostError.Forbidden,
                $"{wire.Host} forbids it ({what}: {words}). docs/tickets.md lists the rights that the account needs."
            ),
            HttpStatusCode.NotFound => new TicketHostException(
                TicketHostError.NotFound,
                $"{wire.Host} has none ({what}: {words}). Either it is not there, or the account may not see it."
            ),
            _ => new TicketHostException(
                TicketHostError.Refused,
                $"{wire.Host} refuses it with {(int)answer.Status} ({what}: {words})."
            ),
        };
    }
}
