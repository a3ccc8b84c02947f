using System.Diagnostics;
using System.Text.Json.Nodes;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Telegram;

/// <summary>The silo is killed at random moments, and Telegram is out of reach under load.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly int Kills = LongForm.Enabled ? 60 : 6;

    // A message a second in a chat: what many short lives left waiting takes its time.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(LongForm.Enabled ? 10 : 2);
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(LongForm.Enabled ? 10 : 0);

    [Fact]
    public async Task Kills_at_random_moments_leave_every_message_answered_once_and_in_order()
    {
        output.WriteLine($"seed {LongForm.Seed} (ORCHESTRATOR_TESTS_SEED repeats it)");
#pragma warning disable CA5394 // chance that can be repeated, not secrets
        var random = new Random(LongForm.Seed);
        await using var telegram = await TelegramStandIn.StartAsync();
        long[] people = [11, 12, 13];
        await using var silo = await SiloProcess.StartAsync(
            telegram.Settings([
                .. people.SelectMany(p => new[] { $"--Telegram:Users:{p}", "operate" }),
            ])
        );
        var said = people.ToDictionary(p => p, _ => new List<long>());
        for (var kill = 0; kill < Kills; kill++)
        {
            for (var i = 0; i < 4; i++)
            {
                var person = people[random.Next(people.Length)];
                var text = random.Next(3) switch
                {
                    0 => "/hosts",
                    1 => "/analyze what is in this folder, in a word?",
                    _ => "/status",
                };
                said[person].Add(await telegram.SayAsync(person, text));
            }
            silo.KillIn(TimeSpan.FromMilliseconds(random.Next(1, 4_000)));
            await silo.Ended;
            await silo.StartAsync();
        }
#pragma warning restore CA5394
        foreach (var person in people)
        {
            said[person].Add(await telegram.SayAsync(person, "/help"));
            await telegram.AnswerAsync(person, said[person][^1], Settling);
        }
        var state = await telegram.UntilAsync(
            s => s["waiting"]!.AsArray().Count == 0 ? s : null,
            "The confirmation of every update"
        );
        foreach (var person in people)
        {
            var answered = TelegramStandIn
                .BotsIn(state, person)
                .Select(m => (long?)m["reply_to_message"]?["message_id"])
                .OfType<long>()
                .ToList();
            Assert.Equal(said[person], answered);
        }
        var confirmed = state["confirmed"]!.AsArray().Select(u => (int)u!).ToList();
        Assert.Equal(Enumerable.Range(1, confirmed.Count), confirmed);
        output.WriteLine($"{Kills} kills, {confirmed.Count} updates, each answered once");
    }

    [Fact]
    public async Task Telegram_out_of_reach_under_many_tasks_gets_every_message_afterwards_at_its_pace()
    {
        var tasks = LongForm.Enabled ? 200 : 60;
        var people = Enumerable.Range(100, tasks / 4).Select(p => (long)p).ToArray();
        await using var telegram = await TelegramStandIn.StartAsync();
        await using var silo = await SiloProcess.StartAsync(
            telegram.Settings([
                .. people.SelectMany(p => new[] { $"--Telegram:Users:{p}", "submit" }),
                "--Runner:Slots",
                "4",
            ])
        );
        await telegram.DoAsync("enforce", new { on = true });
        var asked = new List<(long Chat, long Message)>();
        foreach (var person in people)
        {
            for (var i = 0; i < 4; i++)
            {
                asked.Add(
                    (person, await telegram.SayAsync(person, "/analyze what is here, in a word?"))
                );
            }
        }
        // All are taken before it goes away; what they become is told when it is back.
        await telegram.UntilAsync(
            s => s["waiting"]!.AsArray().Count == 0,
            "The taking of all requests"
        );
        await telegram.DoAsync("down", new { on = true });
        await EndedAsync(silo, tasks);
        await telegram.DoAsync("down", new { on = false });

        var state = await telegram.UntilAsync(
            s =>
                people.All(p =>
                    TelegramStandIn.BotsIn(s, p).Count(m => IsEnd(TelegramStandIn.Words(m))) == 4
                )
                    ? s
                    : null,
            "The end of every task",
            Settling
        );
        foreach (var (chat, message) in asked)
        {
            Assert.Single(
                TelegramStandIn.BotsIn(state, chat),
                m => (long?)m["reply_to_message"]?["message_id"] == message
            );
        }
        var calls = state["calls"]!
            .AsArray()
            .Select(c => c!.AsObject())
            .Where(c => (bool)c["counted"]! && (bool?)c["ok"] == true)
            .Select(c => (At: (long)c["at"]!, Chat: (long)c["chat"]!))
            .ToList();
        var most = calls.Max(c => calls.Count(d => d.At >= c.At && d.At < c.At + 1_000));
        var nearest = calls
            .GroupBy(c => c.Chat)
            .SelectMany(g => g.Zip(g.Skip(1), (a, b) => b.At - a.At))
            .Min();
        output.WriteLine(
            $"{tasks} tasks, {calls.Count} messages and edits, {most} in the busiest second, {nearest} ms between two of a chat at the least"
        );
        Assert.InRange(most, 1, 30);
        Assert.InRange(nearest, 900, long.MaxValue);
        Assert.DoesNotContain(state["calls"]!.AsArray(), c => (int?)c!["error"] == 429);
    }

    private static bool IsEnd(string words) =>
        words.Contains("✅ Task", StringComparison.Ordinal)
        || words.Contains("❌ Task", StringComparison.Ordinal);

    // All have ended, and Telegram was away for as long as it is to be.
    private static async Task EndedAsync(SiloProcess silo, int tasks)
    {
        var since = Stopwatch.StartNew();
        using var limit = new CancellationTokenSource(Away + TimeSpan.FromMinutes(5));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        while (true)
        {
            var status = await silo.Client.GetStatusAsync();
            if (status.Completed + status.Failed == tasks && since.Elapsed >= Away)
            {
                return;
            }
            Assert.False(
                limit.IsCancellationRequested,
                $"{status.Completed} of {tasks} tasks have ended, {status.Failed} badly"
            );
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
