using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>A comment as the host keeps it.</summary>
public sealed record TicketSaid(string By, string Text);

/// <summary>A ticket as the host keeps it; of a link the address and the title.</summary>
public sealed record TicketShown(
    string State,
    IReadOnlyList<TicketSaid> Comments,
    IReadOnlyList<TicketSaid> Links
);

/// <summary>
/// A host of tickets on a free loopback port: Linear is the third-party emulator (npm emulate) with what it lacks in front,
/// Jira a stub of our own that a second client (npm jira.js) takes. The product is <see cref="Bot"/>.
/// </summary>
public sealed class TicketStandIn : IAsyncDisposable
{
    /// <summary>The product's account.</summary>
    public const string Bot = "orchestrator-bot";

    /// <summary>Somebody of the team.</summary>
    public const string Person = "alice";

    /// <summary>Somebody who may comment, but is not meant to start work.</summary>
    public const string Stranger = "mallory";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly NodeTool tool;
    private readonly HttpClient http;

    private TicketStandIn(NodeTool tool, string kind)
    {
        this.tool = tool;
        Kind = kind;
        http = new HttpClient { BaseAddress = tool.Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary><c>linear</c> or <c>jira</c>.</summary>
    public string Kind { get; }

    /// <summary>The part of its keys before the number.</summary>
    public string Prefix => Kind == "linear" ? "SHOP" : "PAY";

    /// <summary>What the product's <c>Tickets:…:Address</c> is set to.</summary>
    public string Address =>
        Kind == "linear" ? tool.Address + "graphql" : tool.Address.ToString().TrimEnd('/');

    /// <summary>The bot's token.</summary>
    public string Token => Kind == "linear" ? "lin_api_" + Bot : "tok_" + Bot;

    /// <summary>Where it listens.</summary>
    public Uri Root => tool.Address;

    /// <summary>Settings of a silo that works for it.</summary>
    public string[] Settings(string repository)
    {
        var section = "--Tickets:" + char.ToUpperInvariant(Kind[0]) + Kind[1..];
        return
        [
            $"{section}:Address={Address}",
            $"{section}:Token={Token}",
            $"{section}:Repositories:0={Prefix}={repository}",
            $"{section}:StateStarted=In Progress",
            $"{section}:StateReview=In Review",
            $"{section}:StateDone=Done",
            .. Kind == "jira" ? (string[])[$"{section}:User={Bot}@example.test"] : [],
        ];
    }

    /// <summary>Starts it.</summary>
    /// <param name="kind"><c>linear</c> or <c>jira</c>.</param>
    public static async Task<TicketStandIn> StartAsync(string kind)
    {
#pragma warning disable CA2000 // ended with the stand-in
        return new TicketStandIn(await NodeTool.ServeAsync(kind + "/host.mjs"), kind);
#pragma warning restore CA2000
    }

    /// <summary>Somebody makes a ticket. Its key.</summary>
    public async Task<string> CreateAsync(
        string title,
        string description = "",
        bool label = false,
        string by = Person
    ) =>
        (
            await ActAsync(
                "create",
                ("by", by),
                ("title", title),
                ("description", description),
                ("label", label)
            )
        )["key"]!.GetValue<string>();

    /// <summary>Somebody comments.</summary>
    public Task CommentAsync(string key, string text, string by = Person) =>
        ActAsync("comment", ("by", by), ("key", key), ("text", text));

    /// <summary>Somebody puts the label on.</summary>
    public Task LabelAsync(string key, string by = Person) =>
        ActAsync("label", ("by", by), ("key", key));

    /// <summary>Somebody assigns it.</summary>
    public Task AssignAsync(string key, string to, string by = Person) =>
        ActAsync("assign", ("by", by), ("key", key), ("to", to));

    /// <summary>Somebody moves it.</summary>
    public Task MoveAsync(string key, string state, string by = Person) =>
        ActAsync("move", ("by", by), ("key", key), ("state", state));

    /// <summary>It is gone.</summary>
    public Task RemoveAsync(string key) => ActAsync("remove", ("key", key));

    /// <summary>From now on it sends signed webhooks of tickets and comments.</summary>
    public Task HookAsync(Uri url, string secret) =>
        ActAsync("hook", ("url", url.ToString()), ("secret", secret));

    /// <summary>The ticket as it is.</summary>
    public async Task<TicketShown> ShowAsync(string key)
    {
        var shown = await ActAsync("show", ("key", key));
        return new TicketShown(
            shown["state"]!.GetValue<string>(),
            Said(shown["comments"]!, "by", "text"),
            Said(shown["links"]!, "url", "title")
        );
    }

    /// <summary>The ticket once it fits.</summary>
    /// <exception cref="TimeoutException">It did not within a minute; as what it was seen last.</exception>
    public async Task<TicketShown> ShownAsync(string key, Func<TicketShown, bool> fits)
    {
        using var limit = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        while (true)
        {
            var shown = await ShowAsync(key);
            if (fits(shown))
            {
                return shown;
            }
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{key} is {shown.State}, says {string.Join('|', shown.Comments)}, links {string.Join('|', shown.Links)}"
                );
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Answers the next requests whose "METHOD /path BODY" matches with a fault instead.</summary>
    /// <param name="pattern">Regular expression, as JavaScript reads it.</param>
    /// <param name="status">The status.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="mode"><c>answer</c>; <c>drop</c>: cut without handling it; <c>drop-after</c>: handled, the answer lost; <c>hang</c>.</param>
    /// <param name="times">How many requests.</param>
    public Task FaultAsync(
        string pattern,
        int status = 0,
        string body = "{}",
        IReadOnlyDictionary<string, string>? headers = null,
        string mode = "answer",
        int times = 1
    )
    {
        var all = new JsonObject();
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }
        return ActAsync(
            "faults",
            ("pattern", pattern),
            ("status", status),
            ("body", body),
            ("headers", all),
            ("mode", mode),
            ("times", times)
        );
    }

    /// <summary>Every request so far: its method, path and query, and body, in one text each.</summary>
    public async Task<IReadOnlyList<string>> RequestsAsync() =>
        [
            .. (await DoorAsync("requests", []))
                .AsArray()
                .Select(r => $"{r!["method"]} {r["path"]}{r["query"]} {r["body"]}"),
        ];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await tool.DisposeAsync();
    }

    private static List<TicketSaid> Said(JsonNode list, string by, string text) =>
        [
            .. list.AsArray()
                .Select(i => new TicketSaid(
                    i![by]!.GetValue<string>(),
                    i[text]!.GetValue<string>()
                )),
        ];

    private async Task<JsonObject> ActAsync(
        string what,
        params (string Name, JsonNode? Value)[] given
    )
    {
        var body = new JsonObject();
        foreach (var (name, value) in given)
        {
            body[name] = value;
        }
        return (await DoorAsync(what, body)).AsObject();
    }

    private async Task<JsonNode> DoorAsync(string what, JsonObject body)
    {
        using var content = new StringContent(
            body.ToJsonString(),
            Encoding.UTF8,
            "application/json"
        );
        using var answer = await http.PostAsync(
            new Uri("_stand-in/" + what, UriKind.Relative),
            content
        );
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{Kind} {what}: {answer.StatusCode} {text}");
    }
}
