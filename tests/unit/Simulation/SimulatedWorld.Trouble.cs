using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.UnitTests.Simulation;

/// <summary>What goes wrong in a world, and what people and the silo's own loops do in it.</summary>
internal sealed partial class SimulatedWorld
{
    private void PlanTrouble()
    {
        long at = 0;
        for (var i = 0; i < TasksMax; i++)
        {
            var task = "t" + i;
            After(at += Chance.Below(60_000), "submit", () => Submit(task));
        }
        at = 0;
        for (var i = 10 + Chance.Below(20); i > 0; i--)
        {
            After(at += 1_000 + Chance.Below(120_000), "trouble", Trouble);
        }
        After(
            at + 120_000,
            "calm",
            () =>
            {
                calm = true;
                StartSilo();
                foreach (var host in hosts.Where(h => !h.Up))
                {
                    StartHost(host);
                }
                for (var i = 0; i < TasksMax; i++)
                {
                    Submit("t" + i); // whoever was not answered asks again
                }
            }
        );
    }

    private void Submit(string task)
    {
        var index = task[1] - '0';
        var spec = new TaskSpec
        {
            Request = "r",
            Runner = "scripted",
            Priority = (TaskPriority)(index % 3),
            Requester = index % 2 == 0 ? "ann" : "bob",
            Repository = "/r" + (index % 3),
            Labels = index == 5 && seed % 4 == 0 ? ["os=none"] : [],
            TimeoutSeconds = index == 4 ? 60 : 0,
        };
        Tell(task, new TaskInput.Submit(spec, null, Now));
    }

    private void Trouble()
    {
        if (calm)
        {
            return;
        }
        var task = "t" + Chance.Below(TasksMax);
        switch (Chance.Below(10))
        {
            case 0:
                CrashSilo("at once");
                break;
            case 1 or 2:
                CrashHost(Chance.Of(hosts));
                break;
            case 3:
                skew += (Chance.Below(7_200) - 3_600) * 1_000L;
                Note($"clock jumps to {Now:u}");
                break;
            case 4 or 5 or 6:
                Cancel(task);
                break;
            case 7:
                Tell(task, new TaskInput.RetryAsked("ann", Now));
                break;
            case 8:
                Tell(task, new TaskInput.ResumeAsked("ann", Now));
                break;
            default:
                Tell(task, new TaskInput.Answered("ann", Chance.Once(500), "", Now));
                break;
        }
    }

    private void Cancel(string task)
    {
        var (heard, decision, after) = Tell(task, new TaskInput.CancelAsked("ann", "", Now));
        Invariants.Hold(
            !heard
                || decision.Refusal is not null
                || after.Cancelling
                || after.Phase == TaskPhase.Cancelled,
            "An accepted cancel is on record."
        );
    }

    private void StartSilo()
    {
        if (siloUp)
        {
            return;
        }
        siloUp = true;
        life++;
        queue.Restore(
            store
                .Tasks.Select(t => (Task: t, State: store.Head(t)))
                .Where(t => t.State.Spec is not null)
                .Select(t => (TaskView.Head(t.Task, t.State), Ticket(t.Task, t.State)))
        );
    }

    private void CrashSilo(string when)
    {
        if (!siloUp)
        {
            return;
        }
        Note("silo crashes " + when);
        siloUp = false;
        pumping = false;
        var owed = activations.ToDictionary(a => a.Key, a => decisions.Owed(a.Value));
        var known = activations.ToDictionary(a => a.Key, a => a.Value.Version);
        activations.Clear();
        zombies.Clear();
        store.Crash();
        foreach (var (task, outstanding) in owed)
        {
            var read = store.Read(task);
            var again = decisions.Owed(read);
            Invariants.Hold(
                read.Version > known[task] || outstanding.All(again.Contains),
                "A restart owes everything that was outstanding.",
                task
            );
        }
        After(1_000 + Chance.Below(30_000), "silo starts", StartSilo);
    }

    private void StartHost(SimulatedHost host)
    {
        if (host.Up)
        {
            return;
        }
        host.Start();
        Register(host, host.Epoch);
    }

    private void CrashHost(SimulatedHost host)
    {
        Note($"host {host.Name} crashes");
        host.Crash();
        After(1_000 + Chance.Below(600_000), "host starts", () => StartHost(host));
    }

    // The slots are offered again and again: the queue may have been born anew.
    private void Register(SimulatedHost host, long epoch)
    {
        if (!host.Up || host.Epoch != epoch)
        {
            return;
        }
        if (siloUp)
        {
            foreach (var task in queue.Pool.Register(host.Capacity))
            {
                Send(
                    "lost",
                    heard =>
                    {
                        if (heard)
                        {
                            Tell(task, new TaskInput.HostLost(host.Name, epoch - 1, Now));
                        }
                    }
                );
            }
            foreach (var (task, on) in queue.Pool.Unsure)
            {
                var state = Activation(task);
                queue.Pool.Confirm(task, state.RunLives && state.Host == on);
            }
            Pump();
        }
        After(calm ? 4 * ScanPause : ScanPause, "register", () => Register(host, epoch));
    }

    // One offer after the other, as the queue's loop does.
    private void Pump()
    {
        if (pumping || !siloUp || queue.Next() is not { } next)
        {
            return;
        }
        pumping = true;
        Note($"{next.Ticket.TaskId} is offered a slot of {next.Host.Host}/{next.Host.Epoch}");
        var alive = life;
        Send(
            "offer",
            heard =>
            {
                if (!siloUp || life != alive)
                {
                    return;
                }
                bool? taken = null;
                if (heard)
                {
                    var offer = new SlotOffer(next.Host.Host, next.Host.Epoch, next.Ticket.Turn);
                    var before = Activation(next.Ticket.TaskId).Attempt;
                    var told = new TaskInput.SlotOffered(offer, "session", Now);
                    var (took, _, after) = Tell(next.Ticket.TaskId, told);
                    if (life != alive || !siloUp)
                    {
                        return;
                    }
                    var answerLost = !calm && Chance.Once(50);
                    taken = took && !answerLost ? after.Attempt > before : null;
                }
                queue.Settle(next.Ticket, next.Host.Host, taken);
                pumping = false;
                Pump();
            },
            once: true // a grain call arrives at most once
        );
    }

    private void Scan()
    {
        After(calm ? 4 * ScanPause : ScanPause, "scan", Scan);
        if (!siloUp)
        {
            return;
        }
        foreach (var task in store.Tasks.ToList())
        {
            var state = store.Head(task);
            var head = TaskView.Head(task, state);
            if (!siloUp || (!head.Owes && !(head.Due <= Now)))
            {
                continue;
            }
            Tell(task, new TaskInput.Woke(Now));
            if (siloUp)
            {
                var awake = Activation(task);
                CarryOut(task, awake, decisions.Owed(awake));
            }
        }
    }
}
