import type { Json } from '../world/chart.ts';
import type { Answer } from './answer.ts';
import type { FaultKind } from './faults.ts';

type Body = Answer['body'];

/** Applies content faults to a successful answer. Transport faults and answers with an error are left unchanged. */
export function withContentFaults(answer: Answer, faults: readonly FaultKind[]): Answer {
  if (answer.status !== 200) return answer;
  return { ...answer, body: faults.reduce(withFault, answer.body) };
}

function withFault(body: Body, fault: FaultKind): Body {
  const { pagination, patients, patient } = body;
  if (fault.kind === 'pagination' && isBody(pagination)) return withPagination(body, pagination, fault.form);
  if (fault.kind === 'rows-twice' && Array.isArray(patients)) {
    return { ...body, patients: patients.flatMap((row) => [row, row]) };
  }
  if (fault.kind === 'bad-casefile' && Array.isArray(patients)) {
    const [first] = patients;
    const row = { ...(isBody(first) ? first : {}), casefile_id: fault.id === undefined ? 'not-a-casefile' : fault.id };
    return { ...body, patients: [row, ...patients] };
  }
  if (fault.kind === 'bad-field' && isBody(patient)) {
    const value = fault.value === undefined ? '2026-02-30' : fault.value;
    return { ...body, patient: { ...patient, [fault.field ?? 'discharge_date']: value } };
  }
  return body;
}

type Form = Extract<FaultKind, { kind: 'pagination' }>['form'];

function withPagination(body: Body, pagination: Body, form: Form): Body {
  if (form === 'missing') {
    const { pagination: _, ...rest } = body;
    return rest;
  }
  const page = Number(pagination.current_page);
  const pages = Number(pagination.total_pages);
  if (form === 'shrinking')
    return { ...body, pagination: { ...pagination, total_pages: Math.max(1, pages - page + 1) } };
  if (form === 'growing') return { ...body, pagination: { ...pagination, total_pages: Math.max(pages, page + 1) } };
  const write = (value: Json | undefined): Json => (form === 'strings' ? String(value) : form === 'zero' ? 0 : null);
  return {
    ...body,
    pagination: Object.fromEntries(Object.entries(pagination).map(([field, value]) => [field, write(value)])),
  };
}

function isBody(value: Json | undefined): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
