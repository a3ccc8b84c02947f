using Orchestrator.Decisions.Queueing;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Simulation;

/// <summary>The decisions that a world is played with; a test swaps one for a broken one.</summary>
internal sealed record SimulatedDecisions
{
    public Func<TaskState, TaskInput, TaskLimits, TaskDecision> Decide { get; init; } =
        TaskDecider.Decide;

    public Func<TaskState, IReadOnlyList<TaskEffect>> Owed { get; init; } = TaskDecider.Owed;
}

/// <summary>
/// One silo, its queue, three hosts, a store, a network and a clock, all driven by one seed. For a while everything goes
/// wrong that can: calls are dropped, delayed, repeated and reordered, silo and hosts crash, the clock jumps, people
/// change their minds. Then the world is calm, and everything must come to its end.
/// </summary>
internal sealed partial class SimulatedWorld
{
    private const int TasksMax = 6;
    private const int ScanPause = 30_000;
    private const long CalmMax = 5L * 24 * 3_600 * 1_000;
    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TaskLimits Limits = new() { RunTimeMax = TimeSpan.FromMinutes(10) };

    private static readonly Plan Plan = new()
    {
        Kind = TaskKind.Fix,
        Title = "t",
        AgentType = "bug_fix",
    };

    private readonly int seed;
    private readonly SimulatedDecisions decisions;
    private readonly SimulatedStore store = new();
    private readonly SimulatedHost[] hosts;
    private readonly Dictionary<string, TaskState> activations = [];
    private readonly Dictionary<string, TaskState> zombies = [];
    private readonly HashSet<(string, int)> started = [];
    private readonly PriorityQueue<(string Name, Action Act), (long At, long Order)> agenda = new();
    private readonly Queue<(long At, string Step)> lastSteps = new();
    private readonly SimulatedQueue queue = new();
    private ulong trace = 14_695_981_039_346_656_037;
    private long order;
    private long now;
    private long skew;
    private int life;
    private bool siloUp;
    private bool calm;
    private bool pumping;
    private bool changed;

    public SimulatedWorld(int seed, SimulatedDecisions decisions)
    {
        this.seed = seed;
        this.decisions = decisions;
        Chance = new SimulatedChance((ulong)seed);
        hosts = [new(this, "a", 2), new(this, "b", 1), new(this, "c", 1)];
    }

    public SimulatedChance Chance { get; }

    private DateTimeOffset Now => Origin + TimeSpan.FromMilliseconds(now + skew);

    /// <summary>Plays the world to its end; gives the hash of everything that happened in it.</summary>
    public string Run()
    {
        try
        {
            StartSilo();
            foreach (var host in hosts)
            {
                StartHost(host);
            }
            PlanTrouble();
            After(ScanPause, "scan", Scan);
            while (agenda.TryDequeue(out var next, out var when))
            {
                now = when.At;
                if (calm && changed && IsOver() || now > CalmMax)
                {
                    break;
                }
                changed = false;
                Note(next.Name);
                next.Act();
            }
            foreach (var task in store.Tasks)
            {
                Invariants.AtEnd(task, store.Read(task), store.Facts(task));
            }
            Invariants.Hold(
                !hosts.Any(h => h.Living.Any()),
                "No agent lives when every task has ended."
            );
        }
        catch (Exception e) when (e is SimulationException or InvalidOperationException)
        {
            throw new SimulationException(
                $"Seed {seed}: {e.Message}\n{string.Join('\n', lastSteps.Select(s => $"{s.At, 10} ms  {s.Step}"))}"
            );
        }
        return trace.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Something happens after some milliseconds.</summary>
    public void After(long milliseconds, string name, Action act) =>
        agenda.Enqueue((name, act), (now + milliseconds, order++));

    /// <summary>An agent is about to live.</summary>
    public void AgentStarts(string task, int attempt) =>
        Invariants.Hold(
            started.Add((task, attempt)),
            "One fencing number never has two agents.",
            $"{task}#{attempt}"
        );

    /// <summary>A host tells a task, again and again until it is heard.</summary>
    public void Report(SimulatedHost host, string task, TaskReport report, int round = 1)
    {
        var epoch = host.Epoch;
        Send(
            "report",
            heard =>
            {
                if (!heard || !Tell(task, new TaskInput.Reported(report, Now)).Heard)
                {
                    var again = round < 60 && report is not TaskReport.Progressed;
                    if (again && host.Up && host.Epoch == epoch)
                    {
                        After(
                            Math.Min(5_000, 50 * round * round),
                            "again",
                            () => Report(host, task, report, round + 1)
                        );
                    }
                }
            }
        );
    }

    private bool IsOver() =>
        store.Tasks.All(t =>
        {
            var state = store.Head(t);
            return (state.Ended && state.ReleasedAttempt == state.Attempt)
                || (state.Phase == TaskPhase.Queued && state.Spec!.Labels.Count > 0);
        }) && !hosts.Any(h => h.Living.Any());

    // Delivered late, twice, or not at all; what is sent later may arrive earlier.
    private void Send(string name, Action<bool> deliver, bool once = false)
    {
        var lost = !calm && Chance.Once(100);
        After(Chance.Below(calm ? 20 : 4_000), name, () => deliver(!lost));
        if (!calm && !once && Chance.Once(60))
        {
            After(Chance.Below(20_000), name + " twice", () => deliver(true));
        }
    }

    private (bool Heard, TaskDecision Decision, TaskState After) Tell(string task, TaskInput told)
    {
        var deaf = (false, TaskDecision.Nothing, TaskState.Empty);
        if (!siloUp)
        {
            return deaf;
        }
        var state = Activation(task);
        if (!calm && Chance.Once(20) && zombies.TryGetValue(task, out var zombie))
        {
            state = zombie; // another activation that does not know that it is outdated
        }
        var decision = decisions.Decide(state, told, Limits);
        Invariants.OnDecision(state, told, decision);
        // What changes nothing is not worth a line of text: most of what is told is so.
        Note(
            decision.Facts.Count == 0
                ? task
                : $"{task} {state.Phase} {state.Host}/{state.Epoch} {Name(told)}: {string.Join(' ', decision.Facts.Select(f => f.GetType().Name))}"
        );
        if (decision.Facts.Count == 0)
        {
            return (true, decision, state);
        }
        if (!calm && Chance.Once(10))
        {
            CrashSilo("before the commit");
            return deaf;
        }
        if (!store.Append(task, state.Version, decision.Facts, told.Now))
        {
            activations.Remove(task);
            return deaf;
        }
        var after = decision.Facts.Aggregate(state, (s, f) => s.After(f, told.Now));
        changed = true;
        var read = Chance.Once(200) ? store.Read(task) : store.Head(task);
        Invariants.OnAppend(state, decision.Facts, after, read, Limits);
        zombies[task] = state;
        activations[task] = after;
        CheckSlots();
        if (!calm && Chance.Once(10))
        {
            CrashSilo("after the commit");
            return deaf;
        }
        var before = decisions.Owed(state);
        CarryOut(task, after, [.. decisions.Owed(after).Where(e => !before.Contains(e))]);
        return (true, decision, after);
    }

    private TaskState Activation(string task)
    {
        if (!activations.TryGetValue(task, out var state))
        {
            activations[task] = state = store.Head(task);
        }
        return state;
    }

    private void CarryOut(string task, TaskState state, IReadOnlyList<TaskEffect> owed)
    {
        foreach (var effect in owed)
        {
            Note(effect.GetType().Name);
            if (!calm && Chance.Once(100))
            {
                RetryOwed(task); // the call failed: what is owed stays owed
                continue;
            }
            CarryOut(task, state, effect);
        }
    }

    private void RetryOwed(string task)
    {
        var alive = life;
        After(
            1_000 + Chance.Below(60_000),
            "retry owed",
            () =>
            {
                if (siloUp && life == alive)
                {
                    var state = Activation(task);
                    CarryOut(task, state, decisions.Owed(state));
                }
            }
        );
    }

    private void CarryOut(string task, TaskState state, TaskEffect effect)
    {
        switch (effect)
        {
            case TaskEffect.Screen e:
                var ruling = new Ruling(Verdict.Allow, "r", "");
                Answer(task, new TaskReport.Screened(e.Turn, ruling));
                break;
            case TaskEffect.AskMediator e:
                Answer(task, new TaskReport.PlanMade(e.Turn, Plan));
                break;
            case TaskEffect.JoinQueue:
                queue.Join(Ticket(task, state));
                Pump();
                break;
            case TaskEffect.LeaveQueue:
                queue.Leave(task);
                Pump();
                break;
            case TaskEffect.StartRun e:
                var atMost = (state.Due ?? Now) - Limits.HostGrace - Now;
                Call(task, e.Host, e.Attempt, h => h.StartRun(task, e.Attempt, e.Epoch, atMost));
                break;
            case TaskEffect.Verify e:
                Call(task, e.Host, e.Attempt, h => Done(() => h.Verify(task, e.Attempt, e.Epoch)));
                break;
            case TaskEffect.StopRun e:
                Call(task, e.Host, e.Attempt, h => Done(() => h.Cancel(task, e.Attempt)));
                break;
            case TaskEffect.Release e:
                if (!decisions.Owed(state).Any(o => o is TaskEffect.JoinQueue))
                {
                    queue.Leave(task);
                    Pump();
                }
                Call(task, e.Host, e.Attempt, h => Done(() => h.Release(task, e.Attempt)));
                break;
            default:
                throw new InvalidOperationException($"No way to carry out {effect}.");
        }
    }

    private static RunAnswer Done(Action act)
    {
        act();
        return new RunAnswer(true, "", false);
    }

    // A call to a host: its answer is the task's own affair.
    private void Call(string task, string host, int attempt, Func<SimulatedHost, RunAnswer> call)
    {
        var target = hosts.Single(h => h.Name == host);
        var epoch = Activation(task).Epoch;
        Send(
            "call",
            heard =>
            {
                if (!heard || !target.Up)
                {
                    RetryOwed(task);
                    return;
                }
                var answer = call(target);
                if (!answer.Accepted)
                {
                    var failure = new Failure(FailureCodes.Unavailable, answer.Refusal);
                    Answer(
                        task,
                        new TaskReport.RunRefused(attempt, epoch, failure, ErrorClass.HostLost)
                    );
                }
            }
        );
    }

    private void Answer(string task, TaskReport report) =>
        Send(
            "answer",
            heard =>
            {
                if (heard)
                {
                    Tell(task, new TaskInput.Reported(report, Now));
                }
            }
        );

    private static QueueTicket Ticket(string task, TaskState state) =>
        new(
            task,
            state.Turn,
            state.Spec!.Priority,
            state.Spec.Requester,
            state.Spec.Repository,
            state.UpdatedAt,
            state.Spec.Labels
        );

    private static string Name(TaskInput told) =>
        told is TaskInput.Reported r ? r.Report.GetType().Name : told.GetType().Name;

    private void CheckSlots()
    {
        foreach (var host in hosts)
        {
            var held = activations.Values.Count(s =>
                s.RunLives && s.Host == host.Name && s.Epoch == host.Epoch
            );
            Invariants.Hold(
                held <= host.Capacity.Slots,
                "A host never holds more attempts than it has slots.",
                $"{host.Name}: {held}"
            );
        }
    }

    private void Note(string step)
    {
        foreach (var c in step)
        {
            trace = (trace ^ c) * 1_099_511_628_211;
        }
        trace = (trace ^ (ulong)now) * 1_099_511_628_211;
        lastSteps.Enqueue((now, step));
        if (lastSteps.Count > 120)
        {
            lastSteps.Dequeue();
        }
    }
}
