using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Telegram;
using Orchestrator.Silo.Telegram;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>Whether Telegram takes the bot's token, and whether updates arrive.</summary>
internal sealed class TelegramProbe(TelegramHost host, IServiceProvider services) : IDoctorProbe
{
    private const int Unauthorised = 401;
    private const int NotFound = 404;

    /// <inheritdoc />
    public string Name => "telegram";

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        if (!host.Door.IsOpen)
        {
            return [Ok(Name, "no bot is configured (Telegram:Token)")];
        }
        var who = await host.WhoAsync(cancellationToken);
        if (!who.Done)
        {
            return
            [
                who.Status is Unauthorised or NotFound
                    ? Fail(
                        Name,
                        $"the token was not taken ({who.Status}): {who.Words}",
                        "BotFather revoked it or it is mistyped: set Telegram:Token anew and restart the server."
                    )
                    : Warn(
                        Name,
                        $"Telegram did not answer ({who.Status}): {who.Words}",
                        "Look at the network and at Telegram:Address; what is to be said waits meanwhile."
                    ),
            ];
        }
        var problem = visit.Live
            ? await services
                .GetRequiredService<IGrainFactory>()
                .GetGrain<ITelegramPollerGrain>(0)
                .GetProblemAsync(cancellationToken)
            : "";
        return
        [
            problem.Length > 0
                ? Warn(
                    Name,
                    $"@{host.BotName} is known; {problem}",
                    "Read the sentence; two programs with one token shut each other out ('orchestrator telegram')."
                )
                : Ok(Name, $"@{host.BotName}"),
        ];
    }
}
