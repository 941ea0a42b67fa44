/// What keeps a GraphQL request from having one reading.
package enum GraphQLProblem: String, Hashable, Sendable, CaseIterable {
    case syntax = "a query that is not an executable GraphQL document"
    case repeatedName = "two operations, fragments or arguments of one name, or an unnamed operation beside others"
    case unknownFragment = "a fragment that is not defined"
    case cycle = "a fragment that contains itself"
    case tooDeep = "more nesting than the limit"
    case tooManyFields = "more fields than the limit, with its fragments put in"
    case twoPlaces = "its parts in the query and in the body, or twice in one of them"
    case shape = "a query that is no text, or variables or extensions that are no object"
}
