using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Simulation;

/// <summary>A runner host as the real one behaves: repeats are accepted, another epoch's order is lost, each run ends by itself.</summary>
internal sealed class SimulatedHost(SimulatedWorld world, string name, int slots)
{
    private static readonly ErrorClass[] Ends = Enum.GetValues<ErrorClass>();
    private static readonly WorkspaceInfo Workspace = new("/w", new string('a', 40), "main", false);
    private static readonly AgentInfo Agent = new(1, "/x", "1", "m", "simulated", "");

    private readonly Dictionary<(string Task, int Attempt), Run> runs = [];
    private readonly HashSet<(string Task, int Attempt)> checks = [];
    private readonly Dictionary<string, int> over = [];

    public string Name => name;

    public long Epoch { get; private set; }

    public bool Up { get; private set; }

    public HostCapacity Capacity => new(name, Epoch, slots, []);

    /// <summary>Attempts whose agent lives.</summary>
    public IEnumerable<(string Task, int Attempt)> Living =>
        runs.Where(r => r.Value.Lives).Select(r => r.Key);

    /// <summary>Begins a new epoch; what an earlier life ran is swept.</summary>
    public void Start()
    {
        Epoch++;
        Up = true;
        runs.Clear();
        checks.Clear();
        over.Clear();
    }

    public void Crash() => Up = false;

    public RunAnswer StartRun(string task, int attempt, long epoch, TimeSpan atMost)
    {
        if (runs.ContainsKey((task, attempt)))
        {
            return new RunAnswer(true, "", false);
        }
        if (epoch != Epoch || over.GetValueOrDefault(task) >= attempt)
        {
            // A late order: what was said to be gone never starts.
            return new RunAnswer(false, "an earlier life", true);
        }
        world.AgentStarts(task, attempt);
        var run = new Run { Lives = true };
        runs.Add((task, attempt), run);
        Play(task, attempt, run, atMost);
        return new RunAnswer(true, "", false);
    }

    public void Verify(string task, int attempt, long epoch)
    {
        if (!checks.Add((task, attempt)))
        {
            return;
        }
        var report = new VerificationReport(
            "repository",
            [new CommandResult("make test", world.Chance.Once(250) ? 1 : 0, 1, false, "")]
        );
        Later(
            world.Chance.Below(120),
            () =>
            {
                if (checks.Remove((task, attempt)))
                {
                    world.Report(this, task, new TaskReport.Verified(attempt, epoch, report));
                }
            }
        );
    }

    public void Cancel(string task, int attempt)
    {
        if (runs.TryGetValue((task, attempt), out var run) && run.Lives)
        {
            run.Cause = ErrorClass.Cancelled;
            Later(world.Chance.Below(15), () => End(task, attempt, run, ErrorClass.Cancelled));
            return;
        }
        checks.Remove((task, attempt));
        over[task] = Math.Max(over.GetValueOrDefault(task), attempt);
        world.Report(this, task, new TaskReport.Released(attempt));
    }

    public void Release(string task, int attempt)
    {
        if (runs.Remove((task, attempt), out var run))
        {
            run.Lives = false;
        }
        checks.Remove((task, attempt));
        over[task] = Math.Max(over.GetValueOrDefault(task), attempt);
        world.Report(this, task, new TaskReport.Released(attempt));
    }

    private void Play(string task, int attempt, Run run, TimeSpan atMost)
    {
        var epoch = Epoch;
        var chance = world.Chance;
        if (chance.Once(50))
        {
            Later(
                chance.Below(10),
                () =>
                {
                    run.Lives = false;
                    world.Report(
                        this,
                        task,
                        new TaskReport.RunRefused(
                            attempt,
                            epoch,
                            new Failure("repository_unusable", "x"),
                            ErrorClass.Workspace
                        )
                    );
                }
            );
            return;
        }
        var at = chance.Below(10);
        Later(at, () => Say(run, task, new TaskReport.WorkspaceReady(attempt, epoch, Workspace)));
        at += 1 + chance.Below(5);
        Later(at, () => Say(run, task, new TaskReport.AgentStarted(attempt, epoch, Agent)));
        for (var i = chance.Below(3); i > 0; i--)
        {
            at += chance.Below(60);
            var step = new AgentStep("step", i, i);
            Later(at, () => Say(run, task, new TaskReport.Progressed(attempt, epoch, step)));
        }
        // Some hang: only the wall clock ends them.
        var ends = chance.Once(600) ? ErrorClass.None : chance.Of(Ends);
        if (!chance.Once(80))
        {
            Later(at + 1 + chance.Below(900), () => End(task, attempt, run, ends));
        }
        Later(
            Math.Max(1, (int)Math.Min(atMost.TotalSeconds, 86_400)),
            () => End(task, attempt, run, ErrorClass.Timeout)
        );
    }

    private void End(string task, int attempt, Run run, ErrorClass errorClass)
    {
        if (!run.Lives)
        {
            return;
        }
        run.Lives = false;
        var result = new RunResult
        {
            ErrorClass = run.Cause ?? errorClass,
            SessionId = "s",
            Diff = new DiffSummary { FilesTotal = 1, PatchBlob = "p" + attempt },
        };
        world.Report(this, task, new TaskReport.RunEnded(attempt, Epoch, result));
    }

    private void Say(Run run, string task, TaskReport report)
    {
        if (run.Lives)
        {
            world.Report(this, task, report);
        }
    }

    // What a host was about to do dies with it.
    private void Later(int seconds, Action act)
    {
        var epoch = Epoch;
        world.After(
            seconds * 1_000,
            name,
            () =>
            {
                if (Up && Epoch == epoch)
                {
                    act();
                }
            }
        );
    }

    private sealed class Run
    {
        public bool Lives { get; set; }

        public ErrorClass? Cause { get; set; }
    }
}
