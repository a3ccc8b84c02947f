using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.GrainInterfaces;

/// <summary>The one JSON shape of journal, API and client: snake_case names, snake_case enum values, absent = default.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.Unspecified,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = false,
    Converters = [
        typeof(SnakeCaseEnumConverter<TaskPhase>),
        typeof(SnakeCaseEnumConverter<TaskKind>),
        typeof(SnakeCaseEnumConverter<TaskPriority>),
        typeof(SnakeCaseEnumConverter<ErrorClass>),
        typeof(SnakeCaseEnumConverter<MediationMode>),
        typeof(SnakeCaseEnumConverter<Policy.Verdict>),
        typeof(SnakeCaseEnumConverter<Policy.LaneWrite>),
        typeof(SnakeCaseEnumConverter<Policy.GuardedStep>),
    ]
)]
[JsonSerializable(typeof(MergeStopRequest))]
[JsonSerializable(typeof(MergeQueueState))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(TaskFact))]
[JsonSerializable(typeof(TaskHead))]
[JsonSerializable(typeof(TaskSnapshot))]
[JsonSerializable(typeof(TaskSpec))]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(DiffSummary))]
[JsonSerializable(typeof(HostSnapshot))]
[JsonSerializable(typeof(IReadOnlyList<HostSnapshot>))]
[JsonSerializable(typeof(SubmitRequest))]
[JsonSerializable(typeof(SubmitAnswer))]
[JsonSerializable(typeof(TaskPage))]
[JsonSerializable(typeof(ActRequest))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(StatsReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(DoctorRequest))]
[JsonSerializable(typeof(StatsBreakdown))]
[JsonSerializable(typeof(GateReport))]
[JsonSerializable(typeof(SupportRequest))]
[JsonSerializable(typeof(ProgressReport))]
[JsonSerializable(typeof(FactPage))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenInfo))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(CommitRequest))]
[JsonSerializable(typeof(CommitAnswer))]
[JsonSerializable(typeof(RepositoryStatus))]
[JsonSerializable(typeof(WorkReport))]
[JsonSerializable(typeof(ImportRequest))]
[JsonSerializable(typeof(CleanRequest))]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(HostList))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(BudgetReport))]
[JsonSerializable(typeof(ReplayRequest))]
[JsonSerializable(typeof(ReplayReport))]
[JsonSerializable(typeof(PolicyInfo))]
[JsonSerializable(typeof(PolicyList))]
[JsonSerializable(typeof(SetPolicyRequest))]
[JsonSerializable(typeof(ApplyRequest))]
[JsonSerializable(typeof(SiloDiscovery))]
[JsonSerializable(typeof(AuditReport))]
[JsonSerializable(typeof(AuditVerdict))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(WebhookPayload))]
[JsonSerializable(typeof(WebhookReceipt))]
[JsonSerializable(typeof(WebhookPage))]
[JsonSerializable(typeof(WebhookReplayRequest))]
[JsonSerializable(typeof(WebhookMessagePage))]
[JsonSerializable(typeof(WebhookResendRequest))]
[JsonSerializable(typeof(PairingRequest))]
[JsonSerializable(typeof(PairingCode))]
[JsonSerializable(typeof(TelegramState))]
[JsonSerializable(typeof(TelegramTestRequest))]
[JsonSerializable(typeof(ReplyRequest))]
[JsonSerializable(typeof(ReplyAnswer))]
[JsonSerializable(typeof(ForkRequest))]
[JsonSerializable(typeof(HandOverRequest))]
[JsonSerializable(typeof(Attachment))]
[JsonSerializable(typeof(ConversationPage))]
public sealed partial class OrchestratorJson : JsonSerializerContext
{
    /// <summary>The context for stored facts and answers: compact, non-ASCII text readable as it is.</summary>
    public static OrchestratorJson Compact => CompactHolder.Instance;

    // A class of its own: it is initialised at first use, when the generated default instance surely is.
    private static class CompactHolder
    {
        public static readonly OrchestratorJson Instance = new(
            new JsonSerializerOptions(Default.Options)
            {
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
    }
}

/// <summary>Enum values as snake_case words; numbers are refused on reading.</summary>
public sealed class SnakeCaseEnumConverter<TEnum>()
    : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where TEnum : struct, Enum;
