using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tickets;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Tickets;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Tickets;

/// <summary>One stand-in for all tests of a class.</summary>
public abstract class SharedTickets(string kind) : IAsyncLifetime
{
    /// <summary>It.</summary>
    public TicketStandIn StandIn { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => StandIn = await TicketStandIn.StartAsync(kind);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (StandIn is not null)
        {
            await StandIn.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }
}

/// <summary>What every host of tickets must do, whichever it is.</summary>
public abstract class TicketHostConformance(TicketStandIn standIn) : IAsyncDisposable
{
    protected const string Marker = "orchestrator:task=task_1;";
    private readonly List<IDisposable> made = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected TicketStandIn StandIn => standIn;

    /// <summary>Matches a request that writes a comment.</summary>
    protected abstract string WritesComment { get; }

    /// <summary>Matches a request that reads a ticket.</summary>
    protected abstract string ReadsTicket(string key);

    /// <summary>An adapter for the stand-in.</summary>
    private protected ITicketHost Host(
        Action<TicketHostOptions>? change = null,
        TimeProvider? time = null
    )
    {
        TicketHostOptions options =
            StandIn.Kind == "linear"
                ? new LinearTicketOptions()
                : new JiraTicketOptions { User = TicketStandIn.Bot + "@example.test" };
        options.Address = StandIn.Address;
        options.Token = StandIn.Token;
        options.Repositories.Add(StandIn.Prefix + "=/src/shop");
        change?.Invoke(options);
        var redactor = new Redactor([options.Token]);
        ITicketHost host = options is JiraTicketOptions jira
            ? new JiraTickets(Options.Create(jira), time ?? TimeProvider.System, redactor)
            : new LinearTickets(
                Options.Create((LinearTicketOptions)options),
                time ?? TimeProvider.System,
                redactor
            );
        made.Add((IDisposable)host);
        return host;
    }

    public ValueTask DisposeAsync()
    {
        made.ForEach(m => m.Dispose());
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_ticket_shows_its_words_who_asked_and_what_is_ours()
    {
        var host = Host();
        var key = await StandIn.CreateAsync("Count", "to <three>");
        await StandIn.LabelAsync(key);
        await StandIn.AssignAsync(key, TicketStandIn.Bot, TicketStandIn.Stranger);
        await StandIn.CommentAsync(key, "/orchestrator go on");
        await host.KeepCommentAsync(key, Marker, "Begun.\n" + Marker, Cancel);

        var ticket = await host.ReadAsync(key, changes: true, Cancel);

        Assert.Equal((key, "Count", "to <three>"), (ticket.Key, ticket.Title, ticket.Description));
        Assert.Equal(["orchestrator"], ticket.Labels);
        Assert.False(ticket.Closed);
        Assert.Equal(TicketStandIn.Person + "@example.test", ticket.Creator!.Email);
        Assert.True(ticket.Assignee!.Is(TicketStandIn.Bot + "@example.test"));
        var labelled = ticket.Changes.Single(c => c.LabelsAdded.Contains("orchestrator"));
        Assert.Equal(TicketStandIn.Person, labelled.By!.Name);
        var assigned = ticket.Changes.Single(c => c.AssignedTo == ticket.Assignee.Id);
        Assert.Equal(TicketStandIn.Stranger, assigned.By!.Name);
        Assert.Equal(
            [(false, "/orchestrator go on"), (true, "Begun.\n" + Marker)],
            ticket.Comments.Select(c => (c.Ours, c.Text))
        );
    }

    [Fact]
    public async Task A_comment_told_twice_or_whose_answer_was_lost_is_there_once()
    {
        var key = await StandIn.CreateAsync("Once");
        await Host().KeepCommentAsync(key, Marker, "Once upon.\n" + Marker, Cancel);
        await Host().KeepCommentAsync(key, Marker, "Once upon.\n" + Marker, Cancel);
        await Host().KeepCommentAsync(key, Marker, "Once upon a time.\n" + Marker, Cancel);
        var writes = await WritesAsync("Once upon");

        await StandIn.FaultAsync(WritesComment, mode: "drop-after");
        await FailsAsync(
            TicketHostError.Unavailable,
            () => Host().KeepCommentAsync(key, "other;", "Another task.\nother;", Cancel)
        );
        await Host().KeepCommentAsync(key, "other;", "Another task.\nother;", Cancel);

        Assert.Equal(2, writes);
        Assert.Equal(
            [
                (TicketStandIn.Bot, "Once upon a time.\n" + Marker),
                (TicketStandIn.Bot, "Another task.\nother;"),
            ],
            (await StandIn.ShowAsync(key)).Comments.Select(c => (c.By, c.Text))
        );
    }

    [Fact]
    public async Task Our_comment_is_found_below_250_later_ones_and_not_where_somebody_only_names_its_marker()
    {
        var key = await StandIn.CreateAsync("Long");
        await StandIn.CommentAsync(key, "I am " + Marker);
        await Host().KeepCommentAsync(key, "x;", $"The agent said: {Marker}\nx;", Cancel);
        await Host().KeepCommentAsync(key, Marker, "Begun.\n" + Marker, Cancel);
        for (var i = 0; i < 250; i++)
        {
            await StandIn.CommentAsync(key, "No. " + i, TicketStandIn.Stranger);
        }

        await Host().KeepCommentAsync(key, Marker, "Merged.\n" + Marker, Cancel);

        var comments = (await StandIn.ShowAsync(key)).Comments;
        Assert.Equal(253, comments.Count);
        Assert.Equal("I am " + Marker, comments[0].Text);
        Assert.EndsWith("\nx;", comments[1].Text, StringComparison.Ordinal);
        Assert.Equal("Merged.\n" + Marker, comments[2].Text);
    }

    [Fact]
    public async Task A_ticket_is_moved_by_the_name_of_a_state_and_one_that_is_there_stays()
    {
        var key = await StandIn.CreateAsync("Move");
        await Host().MoveAsync(key, "in progress", Cancel);
        await Host().MoveAsync(key, "In Progress", Cancel);
        Assert.Equal("In Progress", (await StandIn.ShowAsync(key)).State);
        var refused = await FailsAsync(
            TicketHostError.Refused,
            () => Host().MoveAsync(key, "Shipped", Cancel)
        );
        Assert.Contains("In Review", refused.Message, StringComparison.Ordinal);

        await Host().MoveAsync(key, "Done", Cancel);
        Assert.True((await Host().ReadAsync(key, changes: false, Cancel)).Closed);
    }

    [Fact]
    public async Task A_link_told_twice_is_one_with_the_last_title()
    {
        var key = await StandIn.CreateAsync("Link");
        await Host().LinkAsync(key, "https://example.test/pull/1", "#1 Count", Cancel);
        await Host().LinkAsync(key, "https://example.test/pull/1", "#1 Count on", Cancel);
        Assert.Equal(
            [new TicketSaid("https://example.test/pull/1", "#1 Count on")],
            (await StandIn.ShowAsync(key)).Links
        );
    }

    [Fact]
    public async Task Open_tickets_with_the_label_or_assignee_are_listed_and_a_change_shows()
    {
        var mine = Host(o => o.Assignee = TicketStandIn.Stranger + "@example.test");
        var labelled = await StandIn.CreateAsync("Labelled", label: true);
        var assigned = await StandIn.CreateAsync("Assigned");
        await StandIn.AssignAsync(assigned, TicketStandIn.Stranger);
        var closed = await StandIn.CreateAsync("Closed", label: true);
        await StandIn.MoveAsync(closed, "Done");
        var other = await StandIn.CreateAsync("Other");

        var listed = await mine.ListAsync(Cancel);

        // As text PAY-10 stands before PAY-9.
        Assert.Equal(
            ((string[])[labelled, assigned]).Order(),
            listed.Select(t => t.Key).Intersect([labelled, assigned]).Order()
        );
        Assert.DoesNotContain(listed, t => t.Key == closed || t.Key == other);
        await StandIn.MoveAsync(labelled, "In Progress");
        var again = await mine.ListAsync(Cancel);
        Assert.NotEqual(
            listed.Single(t => t.Key == labelled).Version,
            again.Single(t => t.Key == labelled).Version
        );
    }

    [Fact]
    public async Task Words_of_others_are_no_markup_and_every_character_arrives()
    {
        const string Hostile =
            "![x](https://evil.test/?q) <img src=x onerror=alert(1)> @alice *b* [a](javascript:alert(1)) \u0001\ud800 &amp; https://evil.test/[x](y) {\"type\":\"mediaSingle\"}";
        var key = await StandIn.CreateAsync(Hostile[..^1], "{\"type\":\"doc\"}\n" + Hostile);
        await Host().KeepCommentAsync(key, Marker, $"The agent said: {Hostile}\n{Marker}", Cancel);

        var said = Assert.Single((await StandIn.ShowAsync(key)).Comments).Text;

        Assert.EndsWith("\n" + Marker, said, StringComparison.Ordinal);
        HoldsNoMarkup(said);
        await Host().KeepCommentAsync(key, Marker, $"The agent said: {Hostile}\n{Marker}", Cancel);
        Assert.Single((await StandIn.ShowAsync(key)).Comments);
    }

    /// <summary>How the hostile words above must look at this host.</summary>
    protected abstract void HoldsNoMarkup(string said);

    [Fact]
    public async Task A_ticket_that_is_gone_is_not_found_whatever_is_wanted_of_it()
    {
        var key = await StandIn.CreateAsync("Gone");
        await StandIn.RemoveAsync(key);
        foreach (
            var call in (Func<Task>[])
                [
                    () => Host().ReadAsync(key, true, Cancel),
                    () => Host().KeepCommentAsync(key, Marker, Marker, Cancel),
                    () => Host().MoveAsync(key, "Done", Cancel),
                    () => Host().LinkAsync(key, "https://example.test", "x", Cancel),
                ]
        )
        {
            Assert.False((await FailsAsync(TicketHostError.NotFound, call)).Passing);
        }
    }

    [Theory]
    [InlineData(401, TicketHostError.Unauthorised, "Token")]
    [InlineData(403, TicketHostError.Forbidden, "docs/tickets.md")]
    [InlineData(400, TicketHostError.Refused, "400")]
    [InlineData(302, TicketHostError.Refused, "302")]
    [InlineData(500, TicketHostError.Unavailable, "500")]
    [InlineData(503, TicketHostError.Unavailable, "503")]
    [InlineData(200, TicketHostError.Unavailable, "no JSON")]
    public async Task A_page_in_place_of_an_answer_is_a_refusal_of_its_kind_and_the_next_call_goes_through(
        int status,
        TicketHostError error,
        string words
    )
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var host = Host(time: time);
        var key = await StandIn.CreateAsync("Fault");
        await StandIn.FaultAsync(
            ReadsTicket(key),
            status,
            "<html>" + StandIn.Token + "</html>",
            new Dictionary<string, string> { ["location"] = "https://evil.test/" }
        );
        var thrown = await FailsAsync(error, () => host.ReadAsync(key, false, Cancel));

        Assert.Contains(words, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(StandIn.Token, thrown.Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(key, (await host.ReadAsync(key, false, Cancel)).Key);
    }

    [Fact]
    public async Task A_limit_is_kept_without_asking_until_it_is_over()
    {
        var now = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        var time = new FakeTimeProvider(now);
        var host = Host(time: time);
        var key = await StandIn.CreateAsync("Limit");
        await StandIn.FaultAsync(
            ReadsTicket(key),
            429,
            headers: new Dictionary<string, string> { ["retry-after"] = "90" }
        );
        var first = await FailsAsync(
            TicketHostError.RateLimited,
            () => host.ReadAsync(key, false, Cancel)
        );
        var asked = (await StandIn.RequestsAsync()).Count;
        time.Advance(TimeSpan.FromSeconds(89));
        await FailsAsync(TicketHostError.RateLimited, () => host.ReadAsync(key, false, Cancel));

        Assert.Equal(now.AddSeconds(90), first.RetryAt);
        Assert.Equal(asked, (await StandIn.RequestsAsync()).Count);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(key, (await host.ReadAsync(key, false, Cancel)).Key);
    }

    [Fact]
    public async Task Silence_and_a_cut_connection_are_tried_again_later()
    {
        var key = await StandIn.CreateAsync("Silence");
        await StandIn.FaultAsync(ReadsTicket(key), mode: "hang");
        var silent = Host(o => o.TimeMax = TimeSpan.FromSeconds(1));
        var late = await FailsAsync(
            TicketHostError.Unavailable,
            () => silent.ReadAsync(key, false, Cancel)
        );
        Assert.Contains("TimeMax", late.Message, StringComparison.Ordinal);
        await StandIn.FaultAsync(ReadsTicket(key), mode: "drop", times: 9);
        var cut = await FailsAsync(
            TicketHostError.Unavailable,
            () => Host().ReadAsync(key, false, Cancel)
        );
        Assert.True(cut.Passing);
    }

    [Fact]
    public async Task A_comment_of_200_kilobytes_is_read_and_an_answer_without_end_is_refused()
    {
        var key = await StandIn.CreateAsync("Large");
        await StandIn.CommentAsync(key, "/orchestrator " + new string('x', 200_000));
        var ticket = await Host().ReadAsync(key, false, Cancel);
        Assert.Equal(200_014, Assert.Single(ticket.Comments).Text.Length);

        var refused = await FailsAsync(
            TicketHostError.Refused,
            () => Host(o => o.AnswerBytesMax = 65_536).ReadAsync(key, false, Cancel)
        );
        Assert.Contains("AnswerBytesMax", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.Passing);
    }

    [Fact]
    public async Task Nothing_secret_stands_in_an_address_or_a_body()
    {
        var key = await StandIn.CreateAsync("Secret");
        await Host().KeepCommentAsync(key, Marker, "Begun.\n" + Marker, Cancel);
        await Host().ReadAsync(key, true, Cancel);
        await Host().ListAsync(Cancel);

        var requests = await StandIn.RequestsAsync();
        Assert.NotEmpty(requests);
        Assert.All(
            requests,
            r => Assert.DoesNotContain(StandIn.Token, r, StringComparison.Ordinal)
        );
        var wrong = await FailsAsync(
            TicketHostError.Unauthorised,
            () => Host(o => o.Token = "lin_api_wrong").ReadAsync(key, false, Cancel)
        );
        Assert.DoesNotContain("lin_api_wrong", wrong.Message, StringComparison.Ordinal);
    }

    protected static async Task<TicketHostException> FailsAsync(
        TicketHostError error,
        Func<Task> call
    )
    {
        var thrown = await Assert.ThrowsAsync<TicketHostException>(call);
        Assert.True(error == thrown.Error, $"{thrown.Error}, not {error}: {thrown.Message}");
        return thrown;
    }

    private async Task<int> WritesAsync(string id) =>
        (await StandIn.RequestsAsync()).Count(r =>
            Regex.IsMatch(r, WritesComment) && r.Contains(id, StringComparison.Ordinal)
        );
}
