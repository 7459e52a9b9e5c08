// The surnames, facilities and insurers are invented. The first names are common ones.

export const FIRST_NAMES = [
  'Amara',
  'Bennett',
  'Calla',
  'Dario',
  'Elspeth',
  'Farid',
  'Greta',
  'Hollis',
  'Imani',
  'Jonas',
  'Keiko',
  'Leandro',
  'Maren',
  'Nils',
  'Odette',
  'Pavel',
  'Quincy',
  'Rosalind',
  'Silas',
  'Tamsin',
  'Ulric',
  'Vesna',
  'Wendell',
  'Xiomara',
  'Yusuf',
  'Zelda',
  'Anouk',
  'Bram',
  'Cosima',
  'Desmond',
  'Édith',
  'Fionn',
] as const;

export const LAST_NAMES = [
  'Ashwillow',
  'Brackenby',
  'Corvane',
  'Dunmarrow',
  'Elderquay',
  'Fennimoor',
  'Gallowhay',
  'Hartwhistle',
  'Inglemere',
  'Juniperson',
  'Kestrelby',
  'Larkenfield',
  'Mossgrave',
  'Netherwyn',
  'Oakenshaw-Pell',
  'Pindleton',
  'Quillharrow',
  'Ravensworthy',
  'Saltonby',
  'Thistlewick',
  'Umberlain',
  'Vantreau',
  'Wexcombe',
  'Yarrowdale',
  'Zephyrine',
  "O'Farrowby",
  "D'Albrethon",
  'Núñezara',
  'Van Terwilde',
  'St. Merrow',
] as const;

/** Surnames of people that begin with Test, as placeholders do. */
export const NEARLY_TEST_NAMES = ['Testa', 'Testerman', 'Testwick'] as const;

const PLACES = [
  'Quiet Lantern',
  'Amber Ridge',
  "Mariner's Rest",
  'Willow Bend',
  "Saint Orrin's",
  'Copper Vale',
  'Long Meadow',
  'First Light',
  'Two Rivers',
  'Stone Orchard',
  'Gull Point',
  'Juniper Gate',
] as const;

const SERVICES = [
  'Recovery',
  'Sober Living',
  'Behavioral Health',
  'Residential',
  'Outpatient Center',
  'House',
] as const;

/** Facilities outside the instance, to which a patient may be discharged. */
export const FACILITIES: readonly string[] = PLACES.flatMap((place) =>
  SERVICES.map((service) => `${place} ${service}`),
);

export const INSURERS = [
  'Harborline Health',
  'Ninefold Mutual',
  'Cobalt Shield',
  'Evergale Assurance',
  'Prairie Trust Care',
] as const;

export const REFERRERS = [
  'Fernhill Clinic',
  'Self',
  'Dr. Isolde Marchbank',
  'Lakeshore Intervention',
  'Family',
] as const;

export const DISCHARGE_TYPES = [
  { name: 'Completed Treatment', code: '01' },
  { name: 'Transfer to Another Facility', code: '05' },
  { name: 'Against Medical Advice', code: '07' },
  { name: 'Administrative', code: '09' },
] as const;

export const LEVELS_OF_CARE = ['Detox', 'Residential', 'PHP', 'IOP', 'OP'] as const;

export const PAYMENTS = [
  { method: 'Insurance', category: 'Commercial' },
  { method: 'Private Pay', category: 'Self' },
  { method: 'Scholarship', category: 'Other' },
] as const;
