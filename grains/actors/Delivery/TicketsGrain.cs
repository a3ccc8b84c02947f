using Microsoft.Extensions.Logging;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Tickets;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Observability;
using Orchestrator.Grains.Runners;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Delivery;

/// <summary>
/// Tells the tickets of tasks where their work is: one comment kept up to date, the state, a link to the pull request. What it
/// writes follows from the task as it is now, so facts may come twice, late and again. A host that is out of reach is tried
/// for about a minute and spared meanwhile; then its facts are dead letters, and other hosts' tickets go on.
/// </summary>
[Reentrant, ImplicitStreamSubscription(JournalStream.Namespace), OnControlSilos]
public sealed partial class TicketsGrain(
    SubscriberServices services,
    ITicketHosts hosts,
    ISpanSink spans,
    ILogger<TicketsGrain> logger
) : SubscriberGrain(services, logger), ITicketsGrain
{
    private const int ReadPage = 1_000;
    private const int TitleMax = 120;
    private readonly Redactor redactor = services.Redactor;

    /// <inheritdoc />
    protected override string Kind => "tickets";

    /// <inheritdoc />
    protected override int RoundsMax => 8;

    /// <inheritdoc />
    protected override TimeSpan Pause => TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    protected override TimeSpan HandleMax => TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    protected override bool IsHopeless(Exception e) => e is TicketHostException { Passing: false };

    /// <inheritdoc />
    protected override async Task<bool> HandleAsync(
        IReadOnlyList<JournalEntry> entries,
        bool replay,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(entries);
        var written = false;
        TicketHostException? first = null;
        foreach (
            var taskId in entries
                .Where(e => TicketNote.Concerns(e.Fact) && hosts.All.Count > 0)
                .Select(e => e.TaskId)
                .Distinct(StringComparer.Ordinal)
        )
        {
            var state = await ReadAsync(taskId, cancellationToken);
            using var turn = spans.InTurn(taskId, state.Turn);
            foreach (var (ticket, served) in TicketsOf(state))
            {
                try
                {
                    written |= await WriteAsync(taskId, state, ticket, served, cancellationToken);
                }
                catch (TicketHostException e)
                {
                    // The others first; one that cannot succeed must not hide one that will.
                    first = first is { Passing: true } ? first : e;
                }
            }
        }
        return first is null ? written : throw first;
    }

    // Those that the task serves, and those that its words only name.
    private IEnumerable<(string Ticket, bool Served)> TicketsOf(TaskState state)
    {
        if (state.Spec is not { } spec)
        {
            return [];
        }
        var named = TicketKeys.In(
            hosts.All.Select(h => h.Rules),
            spec.BaseBranch,
            spec.Title,
            spec.Request
        );
        return
        [
            .. spec.Tickets.Select(t => (t, true)),
            .. named.Except(spec.Tickets, StringComparer.OrdinalIgnoreCase).Select(t => (t, false)),
        ];
    }

    private async Task<bool> WriteAsync(
        string taskId,
        TaskState state,
        string ticket,
        bool served,
        CancellationToken cancellationToken
    )
    {
        if (TicketKeys.Split(ticket) is not var (kind, key) || hosts.Find(kind) is not { } host)
        {
            return false;
        }
        var note = TicketNote.Of(taskId, state);
        try
        {
            if (served)
            {
                await host.KeepCommentAsync(
                    key,
                    TicketNote.Marker(taskId),
                    redactor.Redact(note.Text),
                    cancellationToken
                );
            }
            if (note.PullRequest is { } pull)
            {
                await host.LinkAsync(key, pull.WebAddress, Title(pull, state), cancellationToken);
            }
            if (served && note.Stage != TicketStage.None)
            {
                await MoveAsync(host, key, note.Stage, cancellationToken);
            }
            return true;
        }
        catch (TicketHostException e) when (e.Error == TicketHostError.NotFound)
        {
            LogNoTicket(logger, taskId, ticket, e.Message);
            return false;
        }
    }

    private static async Task MoveAsync(
        ITicketHost host,
        string key,
        TicketStage stage,
        CancellationToken cancellationToken
    )
    {
        var ticket = await host.ReadAsync(key, changes: false, cancellationToken);
        if (TicketNote.MoveOf(ticket, stage, host.Rules) is not { } to)
        {
            return;
        }
        try
        {
            await host.MoveAsync(key, to, cancellationToken);
        }
        catch (TicketHostException e)
            when (e.Error == TicketHostError.Refused
                && TicketNote.StepsTo(ticket, stage, host.Rules) is { Count: > 0 } steps
            )
        {
            foreach (var step in steps)
            {
                try
                {
                    await host.MoveAsync(key, step, cancellationToken);
                }
                catch (TicketHostException skipped) when (skipped.Error == TicketHostError.Refused)
                {
                    // The next may do without it; what cannot be reached at all is refused below.
                }
            }
            await host.MoveAsync(key, to, cancellationToken);
        }
    }

    private string Title(PullRequestRef pull, TaskState state)
    {
        var title = redactor.Redact($"#{pull.Number} {state.Title}").ReplaceLineEndings(" ").Trim();
        return title.Length > TitleMax ? title[..TitleMax] : title;
    }

    private async Task<TaskState> ReadAsync(string taskId, CancellationToken cancellationToken)
    {
        var state = TaskState.Empty;
        IReadOnlyList<JournalEntry> page;
        do
        {
            page = await Journal.ReadTaskAsync(taskId, state.Version, ReadPage, cancellationToken);
            state = page.Aggregate(state, (s, e) => s.After(e.Fact, e.At));
        } while (page.Count == ReadPage);
        return state;
    }

    [LoggerMessage(
        EventId = 1315,
        Level = LogLevel.Warning,
        Message = "Task {TaskId} tells ticket {Ticket} nothing: {Why}"
    )]
    private static partial void LogNoTicket(
        ILogger logger,
        string taskId,
        string ticket,
        string why
    );
}
