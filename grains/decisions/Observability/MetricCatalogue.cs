namespace Orchestrator.Decisions.Observability;

/// <summary>Every metric of the product. A label's values are a closed set, or capped (<see cref="LabelLimit"/>): never a task's id, a path or words.</summary>
public static class MetricCatalogue
{
    private static readonly double[] Work =
    [
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
        30,
        60,
        120,
        300,
        600,
        1_200,
        1_800,
        3_600,
        7_200,
        21_600,
        86_400,
    ];

    private static readonly double[] Store =
    [
        0.0005,
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
    ];

    /// <summary>Labels whose values nobody can list beforehand; each is capped.</summary>
    public static IReadOnlyList<string> OpenLabels { get; } = ["host", "runner", "model", "source"];

    /// <summary>Requests accepted.</summary>
    public static Metric Submitted { get; } =
        Count("tasks.submitted", "{task}", "Requests that were accepted.", "lane source");

    /// <summary>Turns begun.</summary>
    public static Metric TurnsStarted { get; } =
        Count("turns.started", "{turn}", "Turns that began, by what caused them.", "cause");

    /// <summary>Turns ended.</summary>
    public static Metric Ended { get; } =
        Count(
            "tasks.ended",
            "{turn}",
            "Turns that ended, by outcome and why.",
            "type lane host outcome error_class"
        );

    /// <summary>Time of turns.</summary>
    public static Metric TurnDuration { get; } =
        Time("task.duration", "Time of a turn from its first fact to its end.", "type outcome");

    /// <summary>Time in phases.</summary>
    public static Metric PhaseDuration { get; } =
        Time("phase.duration", "Time that a task spent in a phase, when it leaves it.", "phase");

    /// <summary>Runs begun.</summary>
    public static Metric RunsStarted { get; } =
        Count("runs.started", "{run}", "Attempts that took a slot.", "host runner");

    /// <summary>Runs ended.</summary>
    public static Metric RunsEnded { get; } =
        Count("runs.ended", "{run}", "Attempts that ended, by how.", "host runner error_class");

    /// <summary>Money.</summary>
    public static Metric Cost { get; } =
        Count("runs.cost", "USD", "What agents' runs cost, as they report it.", "type model");

    /// <summary>Tokens.</summary>
    public static Metric Tokens { get; } =
        Count("runs.tokens", "{token}", "Tokens of agents' runs.", "type model kind");

    /// <summary>Retries.</summary>
    public static Metric Retries { get; } =
        Count(
            "retries",
            "{retry}",
            "Turns that were queued again after an attempt.",
            "error_class"
        );

    /// <summary>Plans.</summary>
    public static Metric Plans { get; } =
        Count("plans", "{plan}", "Plans that were made, by the model or by the rules.", "mode");

    /// <summary>What policies said.</summary>
    public static Metric Verdicts { get; } =
        Count(
            "policy.verdicts",
            "{verdict}",
            "What screening and policy said, by stage.",
            "stage verdict"
        );

    /// <summary>Questions to people.</summary>
    public static Metric Approvals { get; } =
        Count("approvals", "{step}", "Questions to people, and their answers.", "step");

    /// <summary>Checks.</summary>
    public static Metric Checks { get; } =
        Count("checks", "{check}", "Verifications of captured work, by result.", "result");

    /// <summary>Pauses.</summary>
    public static Metric Pauses { get; } =
        Count("pauses", "{pause}", "Tasks that were paused, by what for.", "reason");

    /// <summary>Pull requests.</summary>
    public static Metric PullRequests { get; } =
        Count("pull_requests", "{event}", "What happened to pull requests.", "event");

    /// <summary>Secrets in work.</summary>
    public static Metric Secrets { get; } =
        Count("secrets.found", "{secret}", "Secrets that were seen in captured work.");

    /// <summary>Hits of the redactor.</summary>
    public static Metric Redactions { get; } =
        Count("redactions", "{hit}", "Secrets that the redactor took out of texts.");

    /// <summary>Refused requests.</summary>
    public static Metric QueueRefused { get; } =
        Count("queue.refused", "{task}", "Requests refused because the queue is full.", "lane");

    /// <summary>Unreadable requests.</summary>
    public static Metric IntakeRefused { get; } =
        Count("intake.refused", "{file}", "Things offered at a door that could not be read.");

    /// <summary>Facts.</summary>
    public static Metric Facts { get; } =
        Count("journal.facts", "{fact}", "Facts that this silo recorded, by kind.", "fact");

    /// <summary>Appends.</summary>
    public static Metric AppendDuration { get; } =
        Fast(
            "journal.append.duration",
            "s",
            "Time until an append of this silo was answered.",
            "outcome"
        );

    /// <summary>Commits.</summary>
    public static Metric CommitDuration { get; } =
        Fast("store.commit.duration", "s", "Time of a commit of this silo.");

    /// <summary>Size of commits.</summary>
    public static Metric BatchSize { get; } =
        new(
            "orchestrator.store.batch.size",
            MetricKind.Histogram,
            "{operation}",
            "Operations that shared a commit."
        )
        {
            Buckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
        };

    /// <summary>What telemetry itself had to leave out.</summary>
    public static Metric Dropped { get; } =
        Count(
            "telemetry.dropped",
            "{item}",
            "Facts that were not measured, and spans that were not exported, because of a limit.",
            "kind"
        );

    /// <summary>Spans that a collector took.</summary>
    public static Metric SpansSent { get; } =
        Count("telemetry.spans", "{span}", "Spans of turns that the collector took.");

    /// <summary>Tasks by phase.</summary>
    public static Metric Tasks { get; } = Gauge("tasks", "{task}", "Tasks in each phase.", "phase");

    /// <summary>Stuck tasks.</summary>
    public static Metric Overdue { get; } =
        Gauge(
            "tasks.overdue",
            "{task}",
            "Tasks whose deadline passed over a minute ago and that nobody moved on; at most 1,000 are counted."
        );

    /// <summary>Length of the queue.</summary>
    public static Metric QueueWaiting { get; } =
        Gauge("queue.waiting", "{task}", "Tasks that wait for a slot.", "lane");

    /// <summary>Age of the queue.</summary>
    public static Metric QueueAge { get; } =
        Gauge("queue.oldest_age", "s", "Age of the longest wait for a slot.", "lane");

    /// <summary>Places taken.</summary>
    public static Metric QueueAdmitted { get; } =
        Gauge("queue.admitted", "{task}", "Accepted tasks that have not reached a slot yet.");

    /// <summary>Places there are.</summary>
    public static Metric QueueSize { get; } =
        Gauge("queue.size_limit", "{task}", "Most tasks that the queue admits.");

    /// <summary>Slots.</summary>
    public static Metric Slots { get; } =
        Gauge("slots", "{slot}", "Slots of a host that are used and free.", "host state");

    /// <summary>Hosts.</summary>
    public static Metric HostUp { get; } =
        Gauge(
            "host.up",
            "{host}",
            "1 while a host holds its lease, 0 once it lost it; a host that gave it back is not listed.",
            "host"
        );

    /// <summary>Disk of hosts.</summary>
    public static Metric HostDisk { get; } =
        Gauge("host.disk_free", "By", "Free space where a host's worktrees lie.", "host");

    /// <summary>Disk of the silo.</summary>
    public static Metric DataDisk { get; } =
        Gauge("data.disk_free", "By", "Free space of this silo's data directory.");

    /// <summary>Messages that wait.</summary>
    public static Metric OutboxWaiting { get; } =
        Gauge("outbox.waiting", "{message}", "Messages that wait to be delivered.", "outbox");

    /// <summary>Age of messages that wait.</summary>
    public static Metric OutboxAge { get; } =
        Gauge("outbox.oldest_age", "s", "Age of the oldest message that waits.", "outbox");

    /// <summary>Lag of subscribers.</summary>
    public static Metric SubscriberLag { get; } =
        Gauge(
            "subscriber.lag",
            "{position}",
            "Positions between a subscriber's cursor and the end of its stream; the worst partition.",
            "subscriber"
        );

    /// <summary>Age of what a subscriber has not read.</summary>
    public static Metric SubscriberAge { get; } =
        Gauge(
            "subscriber.oldest_age",
            "s",
            "Age of the oldest fact that a subscriber has not worked on; the worst partition.",
            "subscriber"
        );

    /// <summary>Dead letters.</summary>
    public static Metric DeadLetters { get; } =
        Gauge("dead_letters", "{letter}", "Deliveries given up that wait for an operator.");

    /// <summary>Stale reports.</summary>
    public static Metric Fenced { get; } =
        new(
            "orchestrator.reports.fenced",
            MetricKind.Total,
            "{report}",
            "Reports and writes refused as out of date, all history."
        );

    /// <summary>Breaks of the chain.</summary>
    public static Metric ChainBreaks { get; } =
        Gauge(
            "journal.chain_breaks",
            "{fact}",
            "Facts whose hash does not follow from the one before, of those looked at since this process' start."
        );

    /// <summary>How far the chain was looked at.</summary>
    public static Metric ChainChecked { get; } =
        Gauge(
            "journal.chain_checked",
            "{position}",
            "Position up to which this process has looked at the hash chain."
        );

    /// <summary>The end of the journal.</summary>
    public static Metric JournalEnd { get; } =
        Gauge("journal.end", "{position}", "Position of the journal's last fact.");

    /// <summary>A small read.</summary>
    public static Metric RoundTrip { get; } =
        Gauge("store.round_trip", "s", "Time of the last small read from the store.");

    /// <summary>Age of the gauges.</summary>
    public static Metric SampleAge { get; } =
        Gauge(
            "telemetry.sample_age",
            "s",
            "Time since the gauges of this silo were looked at last."
        );

    /// <summary>All of them, in this order.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        .. typeof(MetricCatalogue)
            .GetProperties()
            .Where(p => p.PropertyType == typeof(Metric))
            .Select(p => (Metric)p.GetValue(null)!),
    ];

    private static Metric Count(string name, string unit, string words, string labels = "") =>
        new("orchestrator." + name, MetricKind.Counter, unit, words, labels);

    private static Metric Gauge(string name, string unit, string words, string labels = "") =>
        new("orchestrator." + name, MetricKind.Gauge, unit, words, labels);

    private static Metric Time(string name, string words, string labels) =>
        new("orchestrator." + name, MetricKind.Histogram, "s", words, labels) { Buckets = Work };

    private static Metric Fast(string name, string unit, string words, string labels = "") =>
        new("orchestrator." + name, MetricKind.Histogram, unit, words, labels) { Buckets = Store };
}
