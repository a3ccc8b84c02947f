using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Webhooks;

public sealed class WebhookSecretTests
{
    [Fact]
    public async Task What_signs_webhooks_is_taken_out_of_whatever_says_it()
    {
        await using var silo = await SiloProcess.StartAsync([
            .. Hook.Settings,
            .. Hook.Outbound("ci", new Uri("http://127.0.0.1:9/"), "whsec_" + Signs),
        ]);
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted(
                $$"""{"do":"say","text":"one {{Hook.Secret}} two {{Hook.Other}} three whsec_{{Signs}} end"}""",
                type: "analyze"
            )
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);

        var said = (await silo.Client.GetAsync(task.TaskId)).Result!.ResultText;

        Assert.EndsWith(" end", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Hook.Secret, said, StringComparison.Ordinal);
        Assert.DoesNotContain(Hook.Other, said, StringComparison.Ordinal);
        Assert.DoesNotContain(Signs, said, StringComparison.Ordinal);
    }

    private const string Signs = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
}
