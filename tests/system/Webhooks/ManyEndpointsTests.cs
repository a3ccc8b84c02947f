using System.Globalization;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Observability;
using Xunit;

namespace Orchestrator.SystemTests.Webhooks;

/// <summary>A hundred who are told, one of whom takes a message and does not answer.</summary>
public sealed class ManyEndpointsTests(ITestOutputHelper output)
{
    private const int Endpoints = 100;
    private const int Stuck = 41;
    private const int Tasks = 5;
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task One_that_does_not_answer_holds_up_none_of_a_hundred_and_misses_nothing_when_it_goes_on()
    {
        await using var receiver = HttpReceiver.Start();
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.Held[PathOf(Stuck)] = goesOn;
        await using var silo = await SiloProcess.StartAsync([
            .. Enumerable.Range(0, Endpoints).SelectMany(n => Settings(receiver.Address, n)),
        ]);
        List<string> ids = [];
        for (var n = 0; n < Tasks; n++)
        {
            var task = await silo.Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"kept"}""", type: "analyze")
            );
            Assert.Equal(TaskPhase.Done, (await task.WaitAsync().WaitAsync(Deadline)).Phase);
            ids.Add(task.TaskId);
        }

        await receiver.UntilAsync(
            got =>
                Enumerable
                    .Range(0, Endpoints)
                    .Where(n => n != Stuck)
                    .All(n => TasksOf(got, n).ToHashSet().IsSupersetOf(ids)),
            Deadline,
            () =>
                $"{Enumerable.Range(0, Endpoints).Count(n => TasksOf(receiver.Got, n).ToHashSet().IsSupersetOf(ids))} of {Endpoints - 1} endpoints were told of all {Tasks} tasks"
        );
        // It holds the first message; nothing else is sent to it meanwhile.
        Assert.All(TasksOf(receiver.Got, Stuck), id => Assert.Equal(ids[0], id));

        receiver.Held.Clear();
        goesOn.SetResult();
        await receiver.UntilAsync(
            got => TasksOf(got, Stuck).ToHashSet().IsSupersetOf(ids),
            Deadline,
            () =>
                $"the endpoint that stood still was told of {string.Join(", ", TasksOf(receiver.Got, Stuck))} only, not of all of {string.Join(", ", ids)}"
        );

        output.WriteLine($"{receiver.Got.Count} messages to {Endpoints} endpoints");
        // In the order of the facts, each once; of the one that stood still the held one may have come twice.
        Assert.Equal(ids, TasksOf(receiver.Got, Stuck).Distinct());
        Assert.All(
            Enumerable.Range(0, Endpoints).Where(n => n != Stuck),
            n => Assert.Equal(ids, TasksOf(receiver.Got, n))
        );
    }

    private static IEnumerable<string> TasksOf(IReadOnlyList<Received> got, int endpoint) =>
        got.Where(r => r.Path == PathOf(endpoint))
            .Select(r =>
                System
                    .Text.Json.JsonDocument.Parse(r.Body)
                    .RootElement.GetProperty("data")
                    .GetProperty("task_id")
                    .GetString()!
            );

    private static string PathOf(int endpoint) => "/hook/" + Text(endpoint);

    private static string[] Settings(Uri receiver, int endpoint) =>
        [
            $"--Webhooks:Outbound:e{Text(endpoint)}:Url={receiver.GetLeftPart(UriPartial.Authority)}{PathOf(endpoint)}",
            $"--Webhooks:Outbound:e{Text(endpoint)}:Secret={Secret}",
            $"--Webhooks:Outbound:e{Text(endpoint)}:Events:0=task.done",
            $"--Webhooks:Outbound:e{Text(endpoint)}:AllowPlaintext=true",
            $"--Webhooks:Outbound:e{Text(endpoint)}:AllowPrivate:0=127.0.0.1",
        ];

    private static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);
}
